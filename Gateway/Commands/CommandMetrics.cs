using System.Diagnostics.Metrics;

namespace Gateway.Commands;

/// <summary>What the commands' room counts.</summary>
internal sealed class CommandMetrics
{
    public const string MeterName = "Gateway.Commands";

    private readonly Counter<long> _formats;
    private readonly Counter<long> _lookups;
    private readonly Histogram<double> _delivery;

    public CommandMetrics(IMeterFactory meters, CommandQueue queue)
    {
        var meter = meters.Create(MeterName);
        _formats = meter.CreateCounter<long>("gateway.command.formats", "{command}", "Commands encoded by a script, by outcome: ok or failed.");
        _lookups = meter.CreateCounter<long>("gateway.registry.lookups", "{lookup}", "Look-ups in the command registry, by result: hit, miss, expired (looked up again), stale (that failed, and the old registration serves on).");
        _delivery = meter.CreateHistogram(
            "gateway.command.delivery.duration", "s", "From the queueing of a command to the device's next message after the answer that carried it.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 10, 60, 300, 900, 3600, 14_400, 43_200, 86_400, 259_200, 604_800] });
        meter.CreateObservableGauge("gateway.command.waiting", () => queue.WaitingInAll, "{command}", "Commands that wait for their devices.");
    }

    public void Formatted(bool succeeded) => _formats.Add(1, new KeyValuePair<string, object?>("outcome", succeeded ? "ok" : "failed"));

    public void LookedUp(string result) => _lookups.Add(1, new KeyValuePair<string, object?>("result", result));

    public void Delivered(TimeSpan sinceQueued) => _delivery.Record(sinceQueued.TotalSeconds);
}
