using System.Collections.ObjectModel;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Telemetry;

/// <summary>The <c>telemetry</c> section of gateway.json. Metrics for Prometheus are on <c>/metrics</c> whatever stands here.</summary>
internal sealed record TelemetrySettings
{
    [Description("A collector that metrics and traces are sent to by OTLP, such as OpenTelemetry's own, Grafana Alloy, Jaeger or Tempo; null sends nothing.")]
    public OtlpSettings? Otlp { get; init; }
}

/// <summary>Where metrics and traces are sent, as protobuf over HTTP.</summary>
internal sealed record OtlpSettings
{
    private static readonly ReadOnlyDictionary<string, string> NoHeaders = new(new Dictionary<string, string>());

    [Description("The collector's base address, such as http://localhost:4318; v1/metrics and v1/traces are put behind it.")]
    [Required]
    public string Endpoint { get; init; } = "";

    [Description("Headers of each request, by name. A text may say ${NAME} for a variable of the environment: {\"Authorization\": \"Bearer ${TOKEN}\"}.")]
    public IReadOnlyDictionary<string, string> Headers { get; init; } = NoHeaders;

    [Description("Whether metrics are sent.")]
    public bool Metrics { get; init; } = true;

    [Description("How often metrics are sent, in seconds.")]
    [Range(1, 3600)]
    public int MetricsIntervalSeconds { get; init; } = 60;

    [Description("How many of all exchanges are traced, from 0, none, to 1, each. A trace has a span for each step: parse, commit, answer, and a sink's delivery.")]
    [Range(0, 1)]
    public double TraceRatio { get; init; } = 0.01;

    [Description("How long to wait for the collector's answer, in seconds. What it does not take is lost; devices and sinks don't wait for it.")]
    [Range(1, 60)]
    public int TimeoutSeconds { get; init; } = 10;

    internal IEnumerable<(string Setting, string Problem)> Problems()
    {
        // What could not be read is empty, and known already.
        if (Endpoint.Length > 0 && (!Uri.TryCreate(Endpoint, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.Query.Length > 0))
        {
            yield return ("endpoint", "is no base address such as http://localhost:4318");
        }

        using var request = new HttpRequestMessage();
        foreach (var (name, value) in Headers)
        {
            if (value.AsSpan().ContainsAny('\r', '\n', '\0') || !request.Headers.TryAddWithoutValidation(name, value))
            {
                yield return ($"headers[\"{name}\"]", "is no header of a request, or its value has a line end in it");
            }
        }
    }
}
