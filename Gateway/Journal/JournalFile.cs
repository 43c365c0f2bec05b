using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Gateway.Journal;

/// <summary>
/// The one connection that writes the journal. WAL with synchronous=FULL: a commit appends to the WAL file and syncs it, once.
/// Only the committer's thread may use it.
/// </summary>
internal sealed class JournalFile : IDisposable
{
    // Nobody else writes, but a person with a tool might hold a lock for a moment.
    private const int BusyTimeoutMilliseconds = 2000;
    private const int MaxGroupsPrunedAtOnce = 256;

    private readonly string _path;
    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _insertGroup;
    private readonly SqliteStatement _saveCursor;
    private readonly SqliteStatement _oldest;
    private readonly SqliteStatement _prune;
    private readonly SqliteStatement _touch;
    private readonly SqliteStatement _commit;

    private JournalFile(string path, SqliteConnection connection)
    {
        _path = path;
        _connection = connection;
        _begin = new SqliteStatement(connection, "BEGIN IMMEDIATE");
        _insertGroup = new SqliteStatement(connection, "INSERT INTO groups (first_sequence, count, committed_at, body) VALUES (?1, ?2, ?3, ?4)");
        _saveCursor = new SqliteStatement(connection, "INSERT OR REPLACE INTO cursors (name, sequence) VALUES (?1, ?2)");
        _oldest = new SqliteStatement(connection, "SELECT first_sequence, count, committed_at FROM groups ORDER BY first_sequence LIMIT ?1");
        _prune = new SqliteStatement(connection, "DELETE FROM groups WHERE first_sequence <= ?1");
        _touch = new SqliteStatement(connection, "UPDATE meta SET version = version");
        _commit = new SqliteStatement(connection, "COMMIT");
    }

    /// <summary>Which journal this is: see <see cref="JournalIdentity"/>.</summary>
    public string Id { get; private set; } = "";

    /// <summary>The newest sequence that was ever given: by a group, or by a cursor should all groups have been deleted by hand.</summary>
    public long LastSequence { get; private set; }

    /// <summary>Opens the file.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="create">
    /// Whether it may be made. Not when it is opened again after a failure: a new, empty file in the place of one that has
    /// vanished would start over at sequence 1, behind the readers' backs.
    /// </param>
    /// <exception cref="JournalFileException">It can't be used.</exception>
    public static JournalFile Open(string path, bool create)
    {
        SqliteConnection? connection = null;
        try
        {
            if (create && Path.GetDirectoryName(path) is { Length: > 0 } folder)
            {
                Directory.CreateDirectory(folder);
            }

            connection = Connect(path, create ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadWrite);
            JournalSchema.UseWal(connection, path);
            JournalSchema.Ensure(connection, path);
            var file = new JournalFile(path, connection);
            file.LastSequence = file.FindLastSequence();
            file.Id = JournalIdentity.Ensure(connection);
            return file;
        }
        catch (Exception failure) when (failure is SqliteException or IOException or UnauthorizedAccessException)
        {
            connection?.Dispose();
            throw new JournalFileException(
                $"the journal {path} can't be opened: {failure.Message} (check that its folder exists and may be written to, that the disk has room, and that journal.path names the journal)", failure);
        }
        catch (JournalFileException)
        {
            connection?.Dispose();
            throw;
        }
    }

    /// <summary>A connection of its own to the journal; pooling would keep the file open behind our back.</summary>
    public static SqliteConnection Connect(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        _ = raw.sqlite3_busy_timeout(connection.Handle, BusyTimeoutMilliseconds);
        return connection;
    }

    public List<CursorPosition> ReadCursors()
    {
        var positions = new List<CursorPosition>();
        using var select = new SqliteStatement(_connection, "SELECT name, sequence FROM cursors");
        while (select.Step())
        {
            positions.Add(new CursorPosition(select.Text(0), select.Int64(1)));
        }

        return positions;
    }

    /// <summary>Writes a group and the cursors that have moved. When it returns, all of it is on disk; when it throws, dispose the file.</summary>
    /// <returns>The sequence of the group's first record.</returns>
    public long Commit(CommitGroup group, DateTimeOffset now, List<CursorPosition> cursors)
    {
        var first = LastSequence + 1;
        Begin();
        _insertGroup.Bind(1, first).Bind(2, group.Count).Bind(3, now.ToUnixTimeMilliseconds()).Bind(4, group.Body).Execute();
        SaveCursors(cursors);
        _commit.Execute();
        LastSequence = first + group.Count - 1;
        return first;
    }

    /// <summary>Writes the cursors that have moved.</summary>
    public void Commit(List<CursorPosition> cursors)
    {
        Begin();
        SaveCursors(cursors);
        _commit.Execute();
    }

    /// <summary>Writes and syncs a page that stays as it is: does the disk take anything?</summary>
    public void Probe()
    {
        Begin();
        _touch.Execute();
        _commit.Execute();
    }

    /// <summary>Deletes some of the oldest groups: those committed before a time, with no record after a sequence. The newest stays, to number on from.</summary>
    /// <returns>How many groups were deleted, and whether there may be more to delete.</returns>
    public (int Groups, bool More) Prune(DateTimeOffset before, long upTo)
    {
        var (last, groups) = FindPrunable(before.ToUnixTimeMilliseconds(), upTo);
        if (groups > 0)
        {
            Begin();
            _prune.Bind(1, last).Execute();
            _commit.Execute();
        }

        return (groups, groups == MaxGroupsPrunedAtOnce);
    }

    /// <summary>Moves what the WAL holds into the database, as far as readers allow, and without waiting for them.</summary>
    public void Checkpoint() => Checkpoint(_connection);

    /// <summary>The same over any connection. Returns the pages in the WAL, moved or not.</summary>
    public static int Checkpoint(SqliteConnection connection)
    {
        var result = raw.sqlite3_wal_checkpoint_v2(connection.Handle, "main", raw.SQLITE_CHECKPOINT_PASSIVE, out var pages, out _);
        if (result is not raw.SQLITE_BUSY)
        {
            SqliteException.ThrowExceptionForRC(result, connection.Handle);
        }

        return pages;
    }

    public void Dispose()
    {
        foreach (var statement in (SqliteStatement[])[_begin, _insertGroup, _saveCursor, _oldest, _prune, _touch, _commit])
        {
            statement.Dispose();
        }

        _connection.Dispose();
    }

    private void Begin()
    {
        // SQLite goes on writing into a file that has been deleted or moved away: safe on disk, and nowhere to be found.
        if (!File.Exists(_path))
        {
            throw new JournalFileException($"the journal {_path} has been deleted or moved away while it was in use: put it back, or restart the gateway to begin a new one");
        }

        _begin.Execute();
    }

    private void SaveCursors(List<CursorPosition> cursors)
    {
        foreach (var (name, sequence) in cursors)
        {
            _saveCursor.Bind(1, name).Bind(2, sequence).Execute();
        }
    }

    private (long Last, int Groups) FindPrunable(long before, long upTo)
    {
        // Stops at the first that must stay, so that a slow reader costs a look at one row and not at the whole table.
        var (last, groups) = (0L, 0);
        try
        {
            _oldest.Bind(1, MaxGroupsPrunedAtOnce);
            while (_oldest.Step())
            {
                var end = _oldest.Int64(0) + _oldest.Int64(1) - 1;
                if (_oldest.Int64(2) >= before || end > upTo || end >= LastSequence)
                {
                    break;
                }

                (last, groups) = (_oldest.Int64(0), groups + 1);
            }
        }
        finally
        {
            _oldest.Reset();
        }

        return (last, groups);
    }

    private long FindLastSequence()
    {
        using var select = new SqliteStatement(_connection,
            """
            SELECT max(
                coalesce((SELECT first_sequence + count - 1 FROM groups ORDER BY first_sequence DESC LIMIT 1), 0),
                coalesce((SELECT max(sequence) FROM cursors), 0))
            """);
        return select.Step() ? select.Int64(0) : 0;
    }
}
