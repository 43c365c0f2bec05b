using Gateway.Commands;
using LiteDB;

namespace Gateway.Storage;

/// <summary>How many commands of each run are in which state, kept in the transaction that changes them. Of one transaction.</summary>
internal sealed class LiteDbRunCounts(ILiteDatabase database)
{
    public const string Collection = "run_counts";

    private readonly Dictionary<string, RunCounts> _changed = new(StringComparer.Ordinal);

    /// <summary>A command is saved.</summary>
    /// <param name="command">The command.</param>
    /// <param name="before">Its state in the store until now; null when it was not there.</param>
    public void Count(QueuedCommand command, CommandState? before)
    {
        if (command.RunId is { } run)
        {
            _changed[run] = (_changed.TryGetValue(run, out var counts) ? counts : Of(database, run)).Moved(before, command.State);
        }
    }

    public void Save()
    {
        var collection = database.GetCollection(Collection);
        foreach (var (run, counts) in _changed)
        {
            var states = Enumerable.Range(0, (int)CommandState.Failed + 1).Select(state => new BsonValue(counts[(CommandState)state]));
            collection.Upsert(new BsonDocument { ["_id"] = run, ["counts"] = new BsonArray(states) });
        }
    }

    public static RunCounts Of(ILiteDatabase database, string runId)
    {
        var counts = default(RunCounts);
        if (database.GetCollection(Collection).FindById(runId) is { } document)
        {
            foreach (var (state, count) in document["counts"].AsArray.Index())
            {
                counts = counts.With((CommandState)state, count.AsInt32);
            }
        }

        return counts;
    }
}
