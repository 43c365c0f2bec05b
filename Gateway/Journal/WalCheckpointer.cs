using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Journal;

/// <summary>
/// Moves what is in the WAL into the database, on a thread and a connection of its own, so that no frame waits for it. SQLite's
/// own way is to let every thousandth page's commit do it. SQLite syncs the database only when it has moved all of the WAL, for which it gets
/// no moment under commits that follow each other; so it is synced here as well, or the committer would have to wait for all of it at once.
/// </summary>
internal sealed class WalCheckpointer(string path, ILogger logger) : IDisposable
{
    private const int PageBytes = 4096;
    private const long BytesBetweenCheckpoints = 4L * 1024 * 1024;

    // However small, a commit puts whole pages into the WAL: the rows' own, those that lead there, and the first of the file.
    private const int PagesOfAnyCommit = 3;
    private const int LongWalPages = 64 * 1024 * 1024 / PageBytes;

    private readonly AutoResetEvent _due = new(false);
    private Thread? _thread;
    private SafeFileHandle? _database;
    private volatile bool _stopping;
    private volatile int _walPages;

    // Of the committer's thread alone.
    private long _bytesSinceLast;

    /// <summary>
    /// Whether the WAL has grown although it was moved again and again: a WAL starts over only at a moment when all of it has
    /// been moved, and while commits follow each other without a pause there is none. Then the committer has to make the pause.
    /// </summary>
    public bool WalIsLong => _walPages > LongWalPages;

    public void Start()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "journal checkpoints" };
        _thread.Start();
    }

    /// <summary>A group of this size has been committed.</summary>
    public void Note(int bytes)
    {
        _bytesSinceLast += bytes + (PagesOfAnyCommit * PageBytes);
        if (_bytesSinceLast >= BytesBetweenCheckpoints)
        {
            _bytesSinceLast = 0;
            _due.Set();
        }
    }

    /// <summary>The committer has moved all of it.</summary>
    public void Moved() => _walPages = 0;

    /// <summary>Ends the thread, and closes its connection.</summary>
    public void Stop()
    {
        _stopping = true;
        _due.Set();
        _thread?.Join();
    }

    /// <summary>Only when no connection to the journal is left: on Unix a process loses all its locks of a file when it closes any handle of it.</summary>
    public void Dispose()
    {
        _database?.Dispose();
        _due.Dispose();
    }

    private void Run()
    {
        SqliteConnection? connection = null;
        while (Wait())
        {
            try
            {
                connection ??= Connect();
                var pages = JournalFile.Checkpoint(connection);
                RandomAccess.FlushToDisk(_database ??= File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));
                _walPages = pages;
            }
            catch (Exception failure)
            {
                logger.CheckpointFailed(failure);
                connection?.Dispose();
                connection = null;
            }
        }

        connection?.Dispose();
    }

    private SqliteConnection Connect()
    {
        // A connection that has not read anything does not know yet that there is a WAL, and would quietly move nothing.
        var connection = JournalFile.Connect(path, SqliteOpenMode.ReadWrite);
        JournalSchema.Run(connection, "SELECT version FROM meta");
        return connection;
    }

    private bool Wait()
    {
        _due.WaitOne();
        return !_stopping;
    }
}
