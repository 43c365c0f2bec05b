using System.Globalization;
using Gateway.Journal;
using Microsoft.Data.Sqlite;

namespace Gateway.Storage;

/// <summary>
/// The SQLite file beside the LiteDB file, for what changes often and is seldom looked up: the commands that have ended, how many of a run have
/// ended how, and when devices spoke last. A document takes LiteDB a third of a millisecond and 60 to 100 kB of garbage (docs/decisions.md).
/// <para>
/// A commit is on disk behind <see cref="Sync"/>. Of the store's thread alone.
/// </para>
/// </summary>
internal sealed class HistoryFile : IDisposable
{
    private const int Version = 1;

    // Pages of 4 KiB. Each checkpoint syncs both files; with SQLite's 1000 that would be every few seconds on a busy day.
    private const int PagesInWal = 4000;

    // The first version had no sightings. A gateway that knows nothing of them can use the file all the same, so they make it no other version.
    private const string Schema =
        $"""
        BEGIN IMMEDIATE;
        {CommandHistory.Schema}
        {RunCountTable.Schema}
        {SightingTable.Schema}
        COMMIT;
        """;

    private readonly SqliteConnection _connection;
    private readonly WalSync? _sync;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private bool _isUnsynced;
    private Exception? _syncFailure;

    private HistoryFile(SqliteConnection connection, string path)
    {
        _connection = connection;
        _sync = WalSync.Of(connection, path);
        _begin = new SqliteStatement(connection, "BEGIN IMMEDIATE");
        _commit = new SqliteStatement(connection, "COMMIT");
        Runs = new RunCountTable(this, connection);
        Commands = new CommandHistory(this, connection, Runs);
        Sightings = new SightingTable(this, connection);
    }

    /// <summary>The commands that have ended.</summary>
    public CommandHistory Commands { get; }

    /// <summary>How many commands of each run have ended how.</summary>
    public RunCountTable Runs { get; }

    /// <summary>When devices spoke last.</summary>
    public SightingTable Sightings { get; }

    /// <summary>Where the history of a store is.</summary>
    /// <param name="storePath">The LiteDB file.</param>
    public static string PathOf(string storePath) =>
        Path.Combine(Path.GetDirectoryName(storePath) ?? "", $"{Path.GetFileNameWithoutExtension(storePath)}-history{Path.GetExtension(storePath)}");

    /// <summary>Opens the history of a store, and makes it when it is not there.</summary>
    /// <param name="storePath">The LiteDB file.</param>
    /// <exception cref="StorageException">It can't be used.</exception>
    public static HistoryFile Open(string storePath)
    {
        var path = PathOf(storePath);
        SqliteConnection? connection = null;
        try
        {
            connection = JournalFile.Connect(path, SqliteOpenMode.ReadWriteCreate);
            UseWal(connection, path);
            Check(connection, path);
            JournalSchema.Run(connection, Schema);
            if (JournalSchema.Scalar(connection, "PRAGMA user_version") == 0)
            {
                // Each time that it is set it is written, whatever it was.
                JournalSchema.Run(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {Version}"));
            }

            return new HistoryFile(connection, path);
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

    /// <summary>Writes all of it, or nothing.</summary>
    public void InTransaction(Action write)
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

    /// <summary>What was written is on disk when this returns.</summary>
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

    public void Dispose()
    {
        foreach (var part in new IDisposable[] { Sightings, Commands, Runs, _begin, _commit })
        {
            part.Dispose();
        }

        _sync?.Dispose();
        _connection.Dispose();
    }

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
        $"the history of commands {path} can't be used: {e.Message} Put a backup in its place; or move it away, which loses what became of commands that have ended and when devices spoke last, and no command that waits", e);
}
