using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Journal;

/// <summary>
/// Brings a commit to the disk, which in WAL mode means to sync the WAL file. SQLite as it comes calls <c>fsync</c> for that, which writes the
/// file's inode as well, in a place of its own, although nothing has changed there but a time; <c>fdatasync</c> writes it only when the file
/// has grown. So on Linux SQLite is told not to sync a commit (synchronous=NORMAL, which still syncs a new WAL's header, and both files at a
/// checkpoint), and the commit is synced here. Of the committer's thread alone.
/// </summary>
internal sealed partial class WalSync : IDisposable
{
    private readonly string _wal;
    private SafeFileHandle? _file;

    private WalSync(string journal) => _wal = journal + "-wal";

    /// <summary>Sees to it that each commit of the connection is followed by <see cref="Sync"/>, or syncs by itself; then it is null.</summary>
    public static WalSync? Of(SqliteConnection connection, string journal)
    {
        var takesOver = OperatingSystem.IsLinux();
        JournalSchema.Run(connection, takesOver ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL");
        return takesOver ? new WalSync(journal) : null;
    }

    /// <summary>What is in the WAL is on disk when this returns.</summary>
    /// <exception cref="IOException">It is not known to be.</exception>
    public void Sync()
    {
        // While the journal is open its WAL is neither deleted nor replaced.
        _file ??= File.OpenHandle(_wal, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        while (SyncData(_file) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
            {
                throw new IOException($"{_wal} can't be synced: {Marshal.GetPInvokeErrorMessage(error)}");
            }
        }
    }

    public void Dispose() => _file?.Dispose();

    // EINTR
    private const int Interrupted = 4;

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int SyncData(SafeHandle file);
}
