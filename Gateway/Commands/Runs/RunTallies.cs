using System.Collections.Concurrent;

namespace Gateway.Commands;

/// <summary>How many commands of each run are in which state, in memory: as the journal has it, which the store follows.</summary>
internal sealed class RunTallies
{
    private readonly ConcurrentDictionary<string, Tally> _tallies = new(StringComparer.Ordinal);

    public RunCounts Of(string runId)
    {
        if (!_tallies.TryGetValue(runId, out var tally))
        {
            return default;
        }

        lock (tally)
        {
            return tally.Counts;
        }
    }

    /// <summary>How many have ended as the store knows it, before those that wait and the journal's tail are counted.</summary>
    public void StartFrom(string runId, RunCounts counts) => _tallies[runId] = new Tally { Counts = counts };

    /// <summary>A command has come from one state into another; from none when it is new. One that belongs to no run changes nothing.</summary>
    public void Stepped(QueuedCommand? before, QueuedCommand after)
    {
        if (after.RunId is not { } runId)
        {
            return;
        }

        var tally = _tallies.GetOrAdd(runId, static _ => new Tally());
        lock (tally)
        {
            tally.Counts = tally.Counts.Moved(before?.State, after.State);
        }
    }

    public void Forget(string runId) => _tallies.TryRemove(runId, out _);

    // It is its own lock.
    private sealed class Tally
    {
        public RunCounts Counts { get; set; }
    }
}
