using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Gateway.Journal;

/// <summary>
/// The one connection that writes the journal. A commit appends to the WAL file and syncs it, once: see <see cref="WalSync"/>.
/// Only the committer's thread may use it.
/// </summary>
internal sealed class JournalFile : IDisposable
{
    // Nobody else writes, but a person with a tool might hold a lock for a moment.
    private const int BusyTimeoutMilliseconds = 2000;

    private readonly string _path;
    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _insertGroup;
    private readonly SqliteStatement _saveCursor;
    private readonly SqliteStatement _freePages;
    private readonly SqliteStatement _touch;
    private readonly SqliteStatement _commit;
    private readonly SequenceMark _mark;
    private readonly WalSync? _sync;
    private readonly RetentionTable _retention;
    private readonly Pruner _pruner;
    private readonly long _pageBytes;

    private JournalFile(string path, SqliteConnection connection, SequenceMark mark)
    {
        _mark = mark;
        _sync = WalSync.Of(connection, path);
        _path = path;
        _connection = connection;
        _begin = new SqliteStatement(connection, "BEGIN IMMEDIATE");
        _insertGroup = new SqliteStatement(connection, "INSERT INTO groups (first_sequence, count, committed_at, body) VALUES (?1, ?2, ?3, ?4)");
        _saveCursor = new SqliteStatement(connection, "INSERT OR REPLACE INTO cursors (name, sequence) VALUES (?1, ?2)");
        _freePages = new SqliteStatement(connection, "PRAGMA freelist_count");
        _touch = new SqliteStatement(connection, "UPDATE meta SET version = version");
        _commit = new SqliteStatement(connection, "COMMIT");
        _retention = new RetentionTable(connection);
        _pruner = new Pruner(connection, _retention);
        _pageBytes = JournalSchema.Scalar(connection, "PRAGMA page_size");
    }

    /// <summary>Which journal this is: see <see cref="JournalSchema.IdentityOf"/>.</summary>
    public string Id { get; private set; } = "";

    /// <summary>How much the groups hold.</summary>
    public RetainedBytes Retained => _retention.Bytes;

    /// <summary>
    /// The newest sequence that was ever given: by a group, by a cursor should all groups have been deleted by hand, or by the mark
    /// should the end have been cut off.
    /// </summary>
    public long LastSequence { get; private set; }

    /// <summary>How many of the last sequences were given and are not there: the end of the WAL has been cut off.</summary>
    public long CutOff { get; private set; }

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

            var isNew = !File.Exists(path);
            connection = Connect(path, create ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadWrite);
            JournalSchema.UseWal(connection, path);
            JournalSchema.Ensure(connection, path);
            var file = new JournalFile(path, connection, new SequenceMark(path));
            file.FindLastSequence(isNew);
            file.Id = JournalSchema.IdentityOf(connection);
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

    /// <summary>
    /// A connection for a look at a journal that may be closed. Beside such a one SQLite would make a WAL that belongs to whoever
    /// looks, and that the gateway might not be allowed to write to; so it is told that nobody writes.
    /// </summary>
    public static SqliteConnection ConnectToLook(string path) =>
        Connect(File.Exists(path + "-wal") ? path : new Uri(Path.GetFullPath(path)).AbsoluteUri + "?immutable=1", SqliteOpenMode.ReadOnly);

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
        _retention.Added(group.Retained);
        var last = first + group.Count - 1;
        if (_retention.IsDue)
        {
            _retention.Save(last);
        }

        CommitToDisk();
        LastSequence = last;
        _mark.Write(last);
        return first;
    }

    /// <summary>Writes the cursors that have moved.</summary>
    public void Commit(List<CursorPosition> cursors)
    {
        Begin();
        SaveCursors(cursors);
        CommitToDisk();
    }

    /// <summary>Writes what there is to know at the next opening, so that nothing need be counted then.</summary>
    public void CommitRetention()
    {
        if (_retention.IsUnsaved)
        {
            Begin();
            _retention.Save(LastSequence);
            CommitToDisk();
        }
    }

    /// <summary>The bytes of the file that are used for nothing, and will be used again.</summary>
    public long ReusableBytes()
    {
        try
        {
            return _freePages.Step() ? _freePages.Int64(0) * _pageBytes : 0;
        }
        finally
        {
            _freePages.Reset();
        }
    }

    /// <summary>Writes and syncs a page that stays as it is: does the disk take anything?</summary>
    public void Probe()
    {
        Begin();
        _touch.Execute();
        CommitToDisk();
    }

    /// <summary>Takes away some of the oldest records of a retention, as far as the limits say; the newest group stays.</summary>
    public PruneStep Prune(Retention retention, in PruneLimits limits)
    {
        var step = _pruner.Find(retention, limits);
        if (step.Taken.Count > 0)
        {
            Begin();
            _pruner.Apply(retention, step);
            _retention.Save(LastSequence);
            CommitToDisk();
        }
        else if (step.Floor > _retention.FloorOf(retention))
        {
            // Nothing to write: who does not know it yet will look there again.
            _pruner.Apply(retention, step);
        }

        return step;
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

    /// <summary>Closes the file in order: what it holds is all that there was.</summary>
    public void Finish()
    {
        _mark.Delete();
        Dispose();
    }

    public void Dispose()
    {
        _mark.Dispose();
        _sync?.Dispose();
        _pruner.Dispose();
        _retention.Dispose();
        foreach (var statement in (SqliteStatement[])[_begin, _insertGroup, _saveCursor, _freePages, _touch, _commit])
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

    private void CommitToDisk()
    {
        _commit.Execute();
        _sync?.Sync();
    }

    private void SaveCursors(List<CursorPosition> cursors)
    {
        foreach (var (name, sequence) in cursors)
        {
            _saveCursor.Bind(1, name).Bind(2, sequence).Execute();
        }
    }

    private void FindLastSequence(bool isNew)
    {
        using var select = new SqliteStatement(_connection,
            """
            SELECT
                coalesce((SELECT first_sequence + count - 1 FROM groups ORDER BY first_sequence DESC LIMIT 1), 0),
                coalesce((SELECT max(sequence) FROM cursors), 0)
            """);
        var (groups, cursors) = select.Step() ? (select.Int64(0), select.Int64(1)) : (0, 0);
        LastSequence = Math.Max(Math.Max(groups, cursors), _mark.Sequence);

        // A new file in the place of one that somebody has moved away lacks nothing. It numbers on all the same: receivers may know
        // the old numbers.
        CutOff = isNew ? 0 : Math.Max(_mark.Sequence - Math.Max(groups, cursors), 0);
    }
}
