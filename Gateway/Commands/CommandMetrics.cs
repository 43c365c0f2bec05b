using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json;

namespace Gateway.Commands;

/// <summary>What the commands' room counts, by profile and type of command and never by device.</summary>
internal sealed class CommandMetrics
{
    public const string MeterName = "Gateway.Commands";

    private static readonly InstrumentAdvice<double> Waits = new() { HistogramBucketBoundaries = [1, 10, 60, 300, 900, 3600, 14_400, 43_200, 86_400, 259_200, 604_800] };

    private readonly Meter _meter;
    private readonly CommandLabelTable _labels = new();
    private readonly Counter<long> _formats;

    // Counted here and told when asked, for there is a look-up for each frame.
    private long _hits;
    private readonly ConcurrentDictionary<string, long> _otherLookups = new(StringComparer.Ordinal);
    private readonly Counter<long> _steps;
    private readonly Histogram<double> _delivery;
    private readonly Histogram<double> _age;
    private readonly Histogram<int> _attempts;
    private readonly Counter<long> _submissions;
    private readonly Counter<long> _runRefusals;
    private readonly Counter<long> _pushes;

    public CommandMetrics(IMeterFactory meters, CommandIndex index)
    {
        _meter = meters.Create(MeterName);
        _formats = _meter.CreateCounter<long>("gateway.command.formats", "{command}", "Commands encoded by a script, by outcome: ok or failed.");
        _meter.CreateObservableCounter("gateway.registry.lookups", Lookups, "{lookup}", "Look-ups in the command registry, by result: hit, miss, expired (looked up again), stale (that failed, and the old registration serves on).");
        _steps = _meter.CreateCounter<long>("gateway.command.steps", "{step}", "Steps of commands, by profile, command_type and the state that they lead to.");
        _delivery = _meter.CreateHistogram("gateway.command.delivery.duration", "s", "From the queueing of a command to the evidence that it was delivered or applied, by profile and command_type.", advice: Waits);
        _age = _meter.CreateHistogram("gateway.command.age", "s", "How old a command is when it is sent, by profile and command_type.", advice: Waits);
        _attempts = _meter.CreateHistogram(
            "gateway.command.attempts", "{attempt}", "How often a command that has ended was sent, by profile, command_type and state.",
            advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [0, 1, 2, 3, 5, 10, 20, 50, 100] });
        _submissions = _meter.CreateCounter<long>(
            "gateway.command.submissions", "{command}",
            "Commands that were handed in, whichever way, by outcome: queued, repeated, conflict, invalid, unknown_device, queue_full or unavailable.");
        _runRefusals = _meter.CreateCounter<long>("gateway.command.run.refusals", "{command}", "Commands of runs that could not be queued for a device.");
        _pushes = _meter.CreateCounter<long>("gateway.command.pushes", "{push}", "Messages of the gateway's own to devices, by kind (notification or request) and outcome: acknowledged, rejected, failed, unknown.");
        _meter.CreateObservableGauge(
            "gateway.command.waiting", () => index.Tally.Select(entry => Measure(entry.Waiting, entry.Labels)), "{command}", "Commands that wait for their devices, by profile and command_type.");
        _meter.CreateObservableGauge(
            "gateway.command.in_flight", () => index.Tally.Select(entry => Measure(entry.Sent, entry.Labels)), "{command}", "Commands that were sent and wait for evidence, by profile and command_type.");
    }

    public void Formatted(bool succeeded) => _formats.Add(1, new KeyValuePair<string, object?>("outcome", succeeded ? "ok" : "failed"));

    /// <summary>A registration was found.</summary>
    public void Hit() => Interlocked.Increment(ref _hits);

    /// <summary>A registration was looked up with another result.</summary>
    public void LookedUp(string result) => _otherLookups.AddOrUpdate(result, 1, static (_, count) => count + 1);

    /// <summary>A command was handed in.</summary>
    public void Submitted(SubmitOutcome outcome) =>
        _submissions.Add(1, new KeyValuePair<string, object?>("outcome", JsonNamingPolicy.SnakeCaseLower.ConvertName(outcome.ToString())));

    /// <summary>Commands of a run could not be queued.</summary>
    public void RunRefused(int commands)
    {
        if (commands > 0)
        {
            _runRefusals.Add(commands);
        }
    }

    /// <summary>Tells how many runs are under way, by their state.</summary>
    public void ObserveRuns(Func<IEnumerable<KeyValuePair<RunState, int>>> runs) => _meter.CreateObservableGauge(
        "gateway.command.runs",
        () => runs().Select(entry => new Measurement<int>(entry.Value, new KeyValuePair<string, object?>("state", JsonNamingPolicy.SnakeCaseLower.ConvertName(entry.Key.ToString())))),
        "{run}", "Runs that have not ended, by state: running, paused, halted or cancelling.");

    /// <summary>Tells how many commands the store does not have as they are.</summary>
    public void ObserveLag(Func<int> lag) =>
        _meter.CreateObservableGauge("gateway.command.store.lag", lag, "{command}", "Commands whose last steps are in the journal and not yet in the store.");

    /// <summary>Tells how many pushes are under way, and how many devices observe.</summary>
    public void ObservePushes(Func<int> underWay, Func<int> observing)
    {
        _meter.CreateObservableGauge("gateway.command.pushes.under_way", underWay, "{push}", "Messages of the gateway's own that devices have not acknowledged yet.");
        _meter.CreateObservableGauge("gateway.command.observers", observing, "{device}", "Devices that observe their commands.");
    }

    /// <summary>It is known what became of a push.</summary>
    public void Pushed(string kind, PushOutcome outcome) => _pushes.Add(
        1, new KeyValuePair<string, object?>("kind", kind), new KeyValuePair<string, object?>("outcome", outcome.ToString().ToLowerInvariant()));

    /// <summary>A step is on disk.</summary>
    public void Stepped(QueuedCommand? before, QueuedCommand after)
    {
        var labels = _labels.Of(after);
        var (profile, type) = Tags(labels);
        var state = new KeyValuePair<string, object?>("state", after.State.Name());
        _steps.Add(1, profile, type, state);
        if (after.State is CommandState.Delivered || (after.State is CommandState.Applied && before?.State is not CommandState.Delivered))
        {
            _delivery.Record((after.UpdatedAt - after.CreatedAt).TotalSeconds, profile, type);
        }

        if (!after.IsActive)
        {
            _attempts.Record(after.Attempts, profile, type, state);
        }
    }

    /// <summary>An answer carries the command.</summary>
    public void Sent(QueuedCommand command)
    {
        var (profile, type) = Tags(_labels.Of(command));
        _age.Record((command.UpdatedAt - command.CreatedAt).TotalSeconds, profile, type);
    }

    private IEnumerable<Measurement<long>> Lookups() =>
        from lookup in _otherLookups.Append(KeyValuePair.Create("hit", Interlocked.Read(ref _hits)))
        where lookup.Value > 0
        select new Measurement<long>(lookup.Value, new KeyValuePair<string, object?>("result", lookup.Key));

    private static Measurement<int> Measure(int count, CommandLabels labels)
    {
        var (profile, type) = Tags(labels);
        return new Measurement<int>(count, profile, type);
    }

    private static (KeyValuePair<string, object?> Profile, KeyValuePair<string, object?> Type) Tags(CommandLabels labels) =>
        (new("profile", labels.Profile), new("command_type", labels.CommandType));
}
