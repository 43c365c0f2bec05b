using Gateway.Commands;
using Gateway.Journal;
using LiteDB;
using Microsoft.Data.Sqlite;

namespace Gateway.Storage;

/// <summary>
/// The commands that have ended, in the <see cref="HistoryFile"/>: they are only looked up from then on, and there are many more of them than
/// wait. A command that stands in both files has ended. Of the store's thread alone.
/// </summary>
internal sealed class CommandHistory : IDisposable
{
    // The body is CommandDocument as BSON. A request id's case counts: text compares by its bytes.
    internal const string Schema =
        """
        CREATE TABLE IF NOT EXISTS commands (
            request_id TEXT PRIMARY KEY, place INTEGER NOT NULL, device TEXT NOT NULL, state INTEGER NOT NULL, run TEXT,
            last_step INTEGER NOT NULL, ended_at INTEGER NOT NULL, body BLOB NOT NULL
        ) STRICT;
        CREATE INDEX IF NOT EXISTS commands_by_place ON commands (place);
        CREATE INDEX IF NOT EXISTS commands_by_device ON commands (device, place);
        CREATE INDEX IF NOT EXISTS commands_by_end ON commands (ended_at);
        """;

    private readonly HistoryFile _file;
    private readonly SqliteConnection _connection;
    private readonly RunCountTable _runs;
    private readonly SqliteStatement _known;
    private readonly SqliteStatement _save;
    private readonly SqliteStatement _find;
    private readonly SqliteStatement _page;
    private readonly SqliteStatement _pageOfDevice;
    private readonly SqliteStatement _forget;

    public CommandHistory(HistoryFile file, SqliteConnection connection, RunCountTable runs)
    {
        (_file, _connection, _runs) = (file, connection, runs);
        _known = new SqliteStatement(connection, "SELECT last_step, state FROM commands WHERE request_id = ?1");
        _save = new SqliteStatement(
            connection,
            "INSERT OR REPLACE INTO commands (request_id, place, device, state, run, last_step, ended_at, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
        _find = new SqliteStatement(connection, "SELECT body FROM commands WHERE request_id = ?1");
        _page = new SqliteStatement(connection, "SELECT place, state, run, body FROM commands WHERE place < ?1 ORDER BY place DESC");
        _pageOfDevice = new SqliteStatement(connection, "SELECT place, state, run, body FROM commands WHERE place < ?1 AND device = ?2 ORDER BY place DESC");
        _forget = new SqliteStatement(connection, "DELETE FROM commands WHERE rowid IN (SELECT rowid FROM commands WHERE ended_at < ?1 LIMIT ?2)");
    }

    /// <summary>Saves commands that have ended, and counts those of runs: all of it, or nothing. One whose last step is known already, or a later one, is left as it is.</summary>
    public void Save(IReadOnlyCollection<QueuedCommand> ended)
    {
        if (ended.Count == 0)
        {
            return;
        }

        _file.InTransaction(() =>
        {
            foreach (var command in ended)
            {
                Save(command);
            }
        });
    }

    /// <summary>Whether a command has ended.</summary>
    public bool Has(string requestId) => Known(requestId) is not null;

    public QueuedCommand? Find(string requestId)
    {
        try
        {
            return _find.Bind(1, requestId).Step() ? Read(_find.Blob(0)) : null;
        }
        finally
        {
            _find.Reset();
        }
    }

    /// <summary>A page of those that have ended, the newest first.</summary>
    public CommandPage List(CommandQuery query)
    {
        var rows = query.Device.IsNone ? _page.Bind(1, query.Before) : _pageOfDevice.Bind(1, query.Before).Bind(2, query.Device.ToString());
        return CommandPages.Take(Rows(rows), query, row => row.Int64(0), row => (CommandState)row.Int64(1), row => row.Text(2), row => Read(row.Blob(3)));
    }

    /// <summary>Forgets commands that ended before that time, at most so many of them; says how many.</summary>
    public int Forget(DateTimeOffset before, int limit)
    {
        _forget.Bind(1, CommandDocument.Milliseconds(before)).Bind(2, limit).Execute();
        return (int)JournalSchema.Scalar(_connection, "SELECT changes()");
    }

    public void Dispose()
    {
        foreach (var statement in new[] { _known, _save, _find, _page, _pageOfDevice, _forget })
        {
            statement.Dispose();
        }
    }

    private void Save(QueuedCommand command)
    {
        var known = Known(command.RequestId);
        if (known?.LastStep >= command.LastStep)
        {
            return;
        }

        _save.Bind(1, command.RequestId).Bind(2, command.Order).Bind(3, command.Device.ToString()).Bind(4, (long)command.State).Bind(6, command.LastStep)
            .Bind(7, CommandDocument.Milliseconds(command.UpdatedAt)).Bind(8, BsonSerializer.Serialize(CommandDocument.Of(command)));
        if (command.RunId is { } run)
        {
            _save.Bind(5, run);
        }

        _save.Execute();
        if (command.RunId is { } of)
        {
            _runs.Step(of, known?.State, command.State);
        }
    }

    private (long LastStep, CommandState State)? Known(string requestId)
    {
        try
        {
            return _known.Bind(1, requestId).Step() ? (_known.Int64(0), (CommandState)_known.Int64(1)) : null;
        }
        finally
        {
            _known.Reset();
        }
    }

    // The statement itself, at one row after the other.
    private static IEnumerable<SqliteStatement> Rows(SqliteStatement statement)
    {
        try
        {
            while (statement.Step())
            {
                yield return statement;
            }
        }
        finally
        {
            statement.Reset();
        }
    }

    private static QueuedCommand Read(ReadOnlySpan<byte> body) => CommandDocument.Read(BsonSerializer.Deserialize(body.ToArray()));
}
