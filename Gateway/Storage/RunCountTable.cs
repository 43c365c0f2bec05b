using Gateway.Commands;
using Gateway.Journal;
using Microsoft.Data.Sqlite;

namespace Gateway.Storage;

/// <summary>How many commands of each run have ended how, those that were forgotten since included. Of the store's thread alone.</summary>
internal sealed class RunCountTable : IDisposable
{
    internal const string Schema =
        "CREATE TABLE IF NOT EXISTS run_counts (run TEXT NOT NULL, state INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (run, state)) STRICT, WITHOUT ROWID;";

    private readonly HistoryFile _file;
    private readonly SqliteStatement _count;
    private readonly SqliteStatement _find;
    private readonly SqliteStatement _forget;

    public RunCountTable(HistoryFile file, SqliteConnection connection)
    {
        _file = file;
        _count = new SqliteStatement(
            connection, "INSERT INTO run_counts (run, state, count) VALUES (?1, ?2, ?3) ON CONFLICT (run, state) DO UPDATE SET count = count + excluded.count");
        _find = new SqliteStatement(connection, "SELECT state, count FROM run_counts WHERE run = ?1");
        _forget = new SqliteStatement(connection, "DELETE FROM run_counts WHERE run = ?1");
    }

    /// <summary>How many commands of a run have ended how.</summary>
    public RunCounts Of(string runId)
    {
        var counts = default(RunCounts);
        try
        {
            _find.Bind(1, runId);
            while (_find.Step())
            {
                counts = counts.With((CommandState)_find.Int64(0), (int)_find.Int64(1));
            }
        }
        finally
        {
            _find.Reset();
        }

        return counts;
    }

    /// <summary>A command of a run has ended, or has gone from one end to another. Within a transaction.</summary>
    public void Step(string runId, CommandState? before, CommandState after)
    {
        Count(runId, after, 1);
        if (before is { } state)
        {
            Count(runId, state, -1);
        }
    }

    /// <summary>What a store of before had counted; it is on disk when this returns.</summary>
    public void TakeOver(IReadOnlyCollection<(string Run, RunCounts Counts)> counted)
    {
        _file.InTransaction(() =>
        {
            foreach (var (run, counts) in counted)
            {
                _forget.Bind(1, run).Execute();
                foreach (var state in Enum.GetValues<CommandState>().Where(state => !state.IsActive() && counts[state] > 0))
                {
                    Count(run, state, counts[state]);
                }
            }
        });
        _file.Sync();
    }

    /// <summary>Forgets what was counted of a run; it is on disk when this returns.</summary>
    public void Forget(string runId)
    {
        _file.InTransaction(() => _forget.Bind(1, runId).Execute());
        _file.Sync();
    }

    public void Dispose()
    {
        foreach (var statement in new[] { _count, _find, _forget })
        {
            statement.Dispose();
        }
    }

    private void Count(string run, CommandState state, int more) => _count.Bind(1, run).Bind(2, (long)state).Bind(3, more).Execute();
}
