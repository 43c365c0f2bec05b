using System.Globalization;
using Gateway.Commands;
using Gateway.Journal;
using LiteDB;
using Microsoft.Data.Sqlite;

namespace Gateway.Storage;

/// <summary>
/// The commands that have ended, in an SQLite file beside the LiteDB file: they are only looked up from then on, and there are many more of
/// them than wait. A document with four indexes takes LiteDB a third of a millisecond and 60 to 100 kB of garbage (docs/decisions.md).
/// <para>
/// A commit is on disk behind <see cref="Sync"/>. A command that stands in both files has ended. Of the store's thread alone.
/// </para>
/// </summary>
internal sealed class CommandHistory : IDisposable
{
    private const int Version = 1;

    /// <summary>A page by state or run walks along the commands; it gives up after so many, and the next page goes on from there.</summary>
    public const int MaxWalked = 5000;

    // Pages of 4 KiB. Each checkpoint syncs both files; with SQLite's 1000 that would be every few seconds on a busy day.
    private const int PagesInWal = 4000;

    // The body is CommandDocument as BSON. A request id's case counts: text compares by its bytes.
    private const string Schema =
        """
        BEGIN IMMEDIATE;
        CREATE TABLE commands (
            request_id TEXT PRIMARY KEY, place INTEGER NOT NULL, device TEXT NOT NULL, state INTEGER NOT NULL, run TEXT,
            last_step INTEGER NOT NULL, ended_at INTEGER NOT NULL, body BLOB NOT NULL
        ) STRICT;
        CREATE INDEX commands_by_place ON commands (place);
        CREATE INDEX commands_by_device ON commands (device, place);
        CREATE INDEX commands_by_end ON commands (ended_at);
        CREATE TABLE run_counts (run TEXT NOT NULL, state INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (run, state)) STRICT, WITHOUT ROWID;
        PRAGMA user_version = 1;
        COMMIT;
        """;

    private readonly SqliteConnection _connection;
    private readonly WalSync? _sync;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _known;
    private readonly SqliteStatement _save;
    private readonly SqliteStatement _count;
    private readonly SqliteStatement _find;
    private readonly SqliteStatement _page;
    private readonly SqliteStatement _pageOfDevice;
    private readonly SqliteStatement _forget;
    private readonly SqliteStatement _runCounts;
    private readonly SqliteStatement _forgetRun;
    private bool _isUnsynced;
    private Exception? _syncFailure;

    private CommandHistory(SqliteConnection connection, string path)
    {
        _connection = connection;
        _sync = WalSync.Of(connection, path);
        _begin = new SqliteStatement(connection, "BEGIN IMMEDIATE");
        _commit = new SqliteStatement(connection, "COMMIT");
        _known = new SqliteStatement(connection, "SELECT last_step, state FROM commands WHERE request_id = ?1");
        _save = new SqliteStatement(
            connection,
            "INSERT OR REPLACE INTO commands (request_id, place, device, state, run, last_step, ended_at, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
        _count = new SqliteStatement(
            connection, "INSERT INTO run_counts (run, state, count) VALUES (?1, ?2, ?3) ON CONFLICT (run, state) DO UPDATE SET count = count + excluded.count");
        _find = new SqliteStatement(connection, "SELECT body FROM commands WHERE request_id = ?1");
        _page = new SqliteStatement(connection, "SELECT place, state, run, body FROM commands WHERE place < ?1 ORDER BY place DESC");
        _pageOfDevice = new SqliteStatement(connection, "SELECT place, state, run, body FROM commands WHERE place < ?1 AND device = ?2 ORDER BY place DESC");
        _forget = new SqliteStatement(connection, "DELETE FROM commands WHERE rowid IN (SELECT rowid FROM commands WHERE ended_at < ?1 LIMIT ?2)");
        _runCounts = new SqliteStatement(connection, "SELECT state, count FROM run_counts WHERE run = ?1");
        _forgetRun = new SqliteStatement(connection, "DELETE FROM run_counts WHERE run = ?1");
    }

    /// <summary>Where the history of a store is.</summary>
    /// <param name="storePath">The LiteDB file.</param>
    public static string PathOf(string storePath) =>
        Path.Combine(Path.GetDirectoryName(storePath) ?? "", $"{Path.GetFileNameWithoutExtension(storePath)}-history{Path.GetExtension(storePath)}");

    /// <summary>Opens the history of a store, and makes it when it is not there.</summary>
    /// <param name="storePath">The LiteDB file.</param>
    /// <exception cref="StorageException">It can't be used.</exception>
    public static CommandHistory Open(string storePath)
    {
        var path = PathOf(storePath);
        SqliteConnection? connection = null;
        try
        {
            connection = JournalFile.Connect(path, SqliteOpenMode.ReadWriteCreate);
            UseWal(connection, path);
            Check(connection, path);
            if (JournalSchema.Scalar(connection, "PRAGMA user_version") == 0)
            {
                JournalSchema.Run(connection, Schema);
            }

            return new CommandHistory(connection, path);
        }
        catch (Exception e)
        {
            connection?.Dispose();
            throw e as StorageException ?? Unusable(path, e);
        }
    }

    /// <summary>Refuses what is damaged or of a newer gateway. For a file that nobody writes to.</summary>
    /// <exception cref="StorageException">It can't be used.</exception>
    public static void Check(string path)
    {
        try
        {
            using var connection = JournalFile.ConnectToLook(path);
            Check(connection, path);
            using var look = new SqliteStatement(connection, "PRAGMA integrity_check(1)");
            if (look.Step() && look.Text(0) is var verdict and not "ok")
            {
                throw new StorageException($"{path} is damaged: {verdict}");
            }
        }
        catch (SqliteException e)
        {
            throw Unusable(path, e);
        }
    }

    /// <summary>Saves commands that have ended, and counts those of runs: all of it, or nothing. One whose last step is known already, or a later one, is left as it is.</summary>
    public void Save(IReadOnlyCollection<QueuedCommand> ended)
    {
        if (ended.Count == 0)
        {
            return;
        }

        InTransaction(() =>
        {
            foreach (var command in ended)
            {
                Save(command);
            }
        });
    }

    /// <summary>What was saved is on disk when this returns.</summary>
    /// <exception cref="IOException">It is not known to be, and will not be before the next start: the kernel tells of a failure once, and then forgets what it could not write.</exception>
    public void Sync()
    {
        if (_syncFailure is not null)
        {
            throw new IOException($"the history of commands did not reach the disk; the next start mends that from the journal: {_syncFailure.Message}", _syncFailure);
        }

        if (!_isUnsynced)
        {
            return;
        }

        try
        {
            _sync?.Sync();
            _isUnsynced = false;
        }
        catch (IOException e)
        {
            _syncFailure = e;
            throw;
        }
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
        var page = new List<QueuedCommand>();
        try
        {
            var (walked, last) = (0, 0L);
            while (rows.Step())
            {
                if (page.Count == query.Limit || walked == MaxWalked)
                {
                    return new CommandPage(page, last);
                }

                (walked, last) = (walked + 1, rows.Int64(0));
                if ((query.State is not { } state || rows.Int64(1) == (long)state) && (query.RunId is not { } run || rows.Text(2) == run))
                {
                    page.Add(Read(rows.Blob(3)));
                }
            }

            return new CommandPage(page, null);
        }
        finally
        {
            rows.Reset();
        }
    }

    /// <summary>Forgets commands that ended before that time, at most so many of them; says how many.</summary>
    public int Forget(DateTimeOffset before, int limit)
    {
        _forget.Bind(1, CommandDocument.Milliseconds(before)).Bind(2, limit).Execute();
        return (int)JournalSchema.Scalar(_connection, "SELECT changes()");
    }

    /// <summary>How many commands of a run have ended how, the forgotten ones included.</summary>
    public RunCounts CountsOf(string runId)
    {
        var counts = default(RunCounts);
        try
        {
            _runCounts.Bind(1, runId);
            while (_runCounts.Step())
            {
                counts = counts.With((CommandState)_runCounts.Int64(0), (int)_runCounts.Int64(1));
            }
        }
        finally
        {
            _runCounts.Reset();
        }

        return counts;
    }

    /// <summary>What a store of before had counted.</summary>
    public void TakeOver(IReadOnlyCollection<(string Run, RunCounts Counts)> counted)
    {
        InTransaction(() =>
        {
            foreach (var (run, counts) in counted)
            {
                _forgetRun.Bind(1, run).Execute();
                foreach (var state in Enum.GetValues<CommandState>().Where(state => !state.IsActive() && counts[state] > 0))
                {
                    Count(run, state, counts[state]);
                }
            }
        });
        Sync();
    }

    /// <summary>Forgets what was counted of a run.</summary>
    public void ForgetRun(string runId) => InTransaction(() => _forgetRun.Bind(1, runId).Execute());

    public void Dispose()
    {
        foreach (var statement in new[] { _begin, _commit, _known, _save, _count, _find, _page, _pageOfDevice, _forget, _runCounts, _forgetRun })
        {
            statement.Dispose();
        }

        _sync?.Dispose();
        _connection.Dispose();
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
        CountStep(command, known?.State);
    }

    private void CountStep(QueuedCommand command, CommandState? before)
    {
        if (command.RunId is not { } run)
        {
            return;
        }

        Count(run, command.State, 1);
        if (before is { } state)
        {
            Count(run, state, -1);
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

    private void Count(string run, CommandState state, int more) => _count.Bind(1, run).Bind(2, (long)state).Bind(3, more).Execute();

    private void InTransaction(Action write)
    {
        _begin.Execute();
        try
        {
            write();
            _commit.Execute();
        }
        catch
        {
            // SQLite may have taken it back already.
            if (SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) == 0)
            {
                JournalSchema.Run(_connection, "ROLLBACK");
            }

            throw;
        }

        _isUnsynced = true;
    }

    private static QueuedCommand Read(ReadOnlySpan<byte> body) => CommandDocument.Read(BsonSerializer.Deserialize(body.ToArray()));

    private static void UseWal(SqliteConnection connection, string path)
    {
        using (var mode = new SqliteStatement(connection, "PRAGMA journal_mode = WAL"))
        {
            if (mode.Step() && mode.Text(0) != "wal")
            {
                throw new StorageException($"the history of commands {path} is in a place where SQLite can't keep a WAL, such as a network share: name a file on a local disk in storage.path");
            }
        }

        JournalSchema.Run(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = {PagesInWal}"));
    }

    private static void Check(SqliteConnection connection, string path)
    {
        if (JournalSchema.Scalar(connection, "PRAGMA user_version") is > Version and var version)
        {
            throw new StorageException(string.Create(CultureInfo.InvariantCulture,
                $"the history of commands {path} has version {version}, and this gateway knows only versions up to {Version}: run the gateway that wrote it, or name another file in storage.path"));
        }
    }

    private static StorageException Unusable(string path, Exception e) => new(
        $"the history of commands {path} can't be used: {e.Message} Put a backup in its place; or move it away, which loses what became of commands that have ended, and none that waits", e);
}
