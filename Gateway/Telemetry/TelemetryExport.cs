using Gateway.Access;
using Gateway.Journal;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Gateway.Telemetry;

/// <summary>All meters of the gateway and those of the runtime, in Prometheus' text format on <c>/metrics</c>; and both they and traces to a collector, if there is one.</summary>
internal static class TelemetryExport
{
    public static void AddTelemetryExport(this IServiceCollection services, TelemetrySettings settings)
    {
        var otlp = settings.Otlp;
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("gateway", serviceVersion: ThisVersion))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter("Gateway.*").AddMeter("System.Runtime").AddPrometheusExporter();
                if (otlp is { Metrics: true })
                {
                    metrics.AddOtlpExporter((exporter, reader) =>
                    {
                        Use(exporter, otlp, "v1/metrics");
                        reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = otlp.MetricsIntervalSeconds * 1000;
                    });
                }
            });
        services.AddSingleton(provider => new ExchangeTraces(otlp?.TraceRatio ?? 0, provider.GetRequiredService<Random>()));
        if (otlp is { TraceRatio: > 0 })
        {
            // Which exchanges are traced is decided before there is a span: one that is thrown away would cost each frame.
            telemetry.WithTracing(traces => traces.AddSource(ExchangeTraces.SourceName).SetSampler(new AlwaysOnSampler())
                .AddOtlpExporter(exporter => Use(exporter, otlp, "v1/traces")));
        }
    }

    public static void MapMetrics(this WebApplication app) => app.MapPrometheusScrapingEndpoint("/metrics").For(Role.Viewer);

    private static string ThisVersion => typeof(TelemetryExport).Assembly.GetName().Version?.ToString(3) ?? "";

    // Headers go into the client, for as text of the exporter a comma would end them.
    private static void Use(OtlpExporterOptions exporter, OtlpSettings settings, string signal)
    {
        exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = new Uri(new Uri(settings.Endpoint.TrimEnd('/') + "/"), signal);
        exporter.TimeoutMilliseconds = settings.TimeoutSeconds * 1000;
        exporter.HttpClientFactory = () =>
        {
            var client = new HttpClient { Timeout = TimeSpan.FromSeconds(settings.TimeoutSeconds) };
            foreach (var (name, value) in settings.Headers)
            {
                client.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
            }

            return client;
        };
    }
}
