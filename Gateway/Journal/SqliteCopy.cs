using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Gateway.Journal;

/// <summary>
/// Copies an SQLite file that may be in use. The copy is of one moment, and whoever writes meanwhile is not held up: the reader that holds the
/// moment only keeps the WAL from starting over.
/// </summary>
internal static class SqliteCopy
{
    // Some megabytes: often enough to tell how far it is, and to be ended.
    private const int PagesAtOnce = 1024;

    /// <summary>Makes the copy, and returns once it is on disk.</summary>
    /// <param name="source">The file.</param>
    /// <param name="target">The copy, which is not there yet.</param>
    /// <param name="progress">Told how many of how many bytes are done.</param>
    /// <param name="cancellation">Ends it; what there is of the copy then is to be deleted.</param>
    /// <exception cref="SqliteException">The file can't be read, or the copy not be written.</exception>
    public static void Make(string source, string target, Action<long, long> progress, CancellationToken cancellation)
    {
        using var from = JournalFile.ConnectToLook(source);
        using var to = JournalFile.Connect(target, SqliteOpenMode.ReadWriteCreate);
        var pageBytes = JournalSchema.Scalar(from, "PRAGMA page_size");

        // Without it each commit of the writer would make the copy start over.
        JournalSchema.Run(from, "BEGIN");
        JournalSchema.Scalar(from, "SELECT count(*) FROM sqlite_schema");
        using var backup = raw.sqlite3_backup_init(to.Handle, "main", from.Handle, "main");
        if (backup is null || backup.IsInvalid)
        {
            SqliteException.ThrowExceptionForRC(raw.sqlite3_errcode(to.Handle), to.Handle);
        }

        int result;
        while ((result = raw.sqlite3_backup_step(backup, PagesAtOnce)) is raw.SQLITE_OK)
        {
            cancellation.ThrowIfCancellationRequested();
            var all = raw.sqlite3_backup_pagecount(backup);
            progress((all - raw.sqlite3_backup_remaining(backup)) * pageBytes, all * pageBytes);
        }

        if (result is not raw.SQLITE_DONE)
        {
            SqliteException.ThrowExceptionForRC(result, to.Handle);
        }
    }
}
