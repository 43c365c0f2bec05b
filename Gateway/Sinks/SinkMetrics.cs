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
    private readonly Counter<long> _refused;

    public SinkMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _readings = _meter.CreateCounter<long>("gateway.sink.readings", "{reading}", "Readings that a sink has taken.");
        _failures = _meter.CreateCounter<long>("gateway.sink.failures", "{batch}", "Tries of a batch after which something of it has to be tried again.");
        _refused = _meter.CreateCounter<long>("gateway.sink.refused", "{message}", "Messages that the other side refused for good; they are in the sink's dead letters.");
    }

    public void Observe(Func<IReadOnlyList<SinkStatus>> status)
    {
        IEnumerable<Measurement<long>> Of(Func<SinkStatus, long> number) =>
            status().Select(sink => new Measurement<long>(number(sink), new KeyValuePair<string, object?>(SinkTag, sink.Name)));

        _meter.CreateObservableGauge("gateway.sink.lag", () => Of(sink => sink.Lag), "{record}", "Records of the journal that a sink is behind.");
        _meter.CreateObservableGauge("gateway.sink.dead_letters", () => Of(sink => sink.DeadLetters), "{message}", "Refused messages that are kept.");
    }

    public void Delivered(string sink, long readings) => _readings.Add(readings, new KeyValuePair<string, object?>(SinkTag, sink));

    public void Failed(string sink) => _failures.Add(1, new KeyValuePair<string, object?>(SinkTag, sink));

    public void Refused(string sink, long messages) => _refused.Add(messages, new KeyValuePair<string, object?>(SinkTag, sink));
}
