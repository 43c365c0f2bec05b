using System.Diagnostics.Metrics;

namespace Gateway.Sinks;

/// <summary>The meter <c>Gateway.Sinks</c>; each number is told for each sink.</summary>
internal sealed class SinkMetrics
{
    public const string MeterName = "Gateway.Sinks";

    private const string SinkTag = "sink";

    private readonly Meter _meter;
    private readonly Counter<long> _readings;
    private readonly Counter<long> _failures;

    public SinkMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _readings = _meter.CreateCounter<long>("gateway.sink.readings", "{reading}", "Readings that a sink has taken.");
        _failures = _meter.CreateCounter<long>("gateway.sink.failures", "{batch}", "Batches that a sink could not take.");
    }

    public void ObserveLag(Func<IReadOnlyList<SinkStatus>> status) => _meter.CreateObservableGauge(
        "gateway.sink.lag",
        () => status().Select(sink => new Measurement<long>(sink.Lag, new KeyValuePair<string, object?>(SinkTag, sink.Name))),
        "{record}",
        "Records of the journal that a sink is behind.");

    public void Delivered(string sink, long readings) => _readings.Add(readings, new KeyValuePair<string, object?>(SinkTag, sink));

    public void Failed(string sink) => _failures.Add(1, new KeyValuePair<string, object?>(SinkTag, sink));
}
