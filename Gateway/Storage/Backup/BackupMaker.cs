using System.Globalization;
using Gateway.Journal;

namespace Gateway.Storage;

/// <summary>The files that a backup is made of, where they are used.</summary>
/// <param name="Journal">The journal.</param>
/// <param name="Store">The store.</param>
/// <param name="Access">Keys and audit record; null for a gateway that has none.</param>
internal sealed record BackupSources(string Journal, string Store, string? Access);

/// <summary>
/// Makes a backup while all goes on. First the store, then its history, which has what left the store, then the journal: whatever those have, the
/// journal of a moment later has too, and what the journal has beyond it the store gets at the next start, as after a crash.
/// </summary>
/// <param name="store">The store, open.</param>
/// <param name="sources">The files.</param>
/// <param name="time">The clock.</param>
internal sealed class BackupMaker(LiteDbStore store, BackupSources sources, TimeProvider time)
{
    private const string Unfinished = ".unfinished";
    private const long Megabyte = 1024 * 1024;

    /// <summary>Makes one, in a folder that is named after the time.</summary>
    /// <param name="parent">Where that folder is made.</param>
    /// <param name="progress">Told of the bytes that are done, of all.</param>
    /// <param name="cancellation">Ends it; nothing is left then.</param>
    /// <returns>The folder, and what is in it.</returns>
    /// <exception cref="StorageException">It could not be made; the message says why. Nothing is left.</exception>
    public async Task<(string Folder, BackupManifest Manifest)> MakeAsync(string parent, Action<long, long> progress, CancellationToken cancellation)
    {
        var madeAt = time.GetUtcNow();
        var folder = Path.Combine(parent, NameOf(madeAt));
        var working = folder + Unfinished;
        try
        {
            CheckRoom(parent);
            Directory.CreateDirectory(working);
            var manifest = await FillAsync(working, madeAt, progress, cancellation);
            Directory.Move(working, folder);
            return (folder, manifest);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new StorageException($"the backup {folder} could not be made: {e.Message}{Discard(working)}", e);
        }
        catch
        {
            Discard(working);
            throw;
        }
    }

    /// <summary>The folder's name: <c>20260131T120000123Z</c>.</summary>
    public static string NameOf(DateTimeOffset madeAt) => madeAt.UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture);

    private async Task<BackupManifest> FillAsync(string folder, DateTimeOffset madeAt, Action<long, long> progress, CancellationToken cancellation)
    {
        var history = HistoryFile.PathOf(sources.Store);
        var all = LengthOf(sources.Store) + LengthOf(history) + LengthOf(sources.Journal);
        await store.CopyAsync(Path.Combine(folder, "gateway.db"), cancellation);
        var stored = LengthOf(Path.Combine(folder, "gateway.db"));
        progress(stored, all);
        var ended = Path.Combine(folder, "history.db");
        await Task.Run(() => SqliteCopy.Make(history, ended, (done, pages) => progress(stored + done, Math.Max(all, stored + pages)), cancellation), cancellation);
        stored += LengthOf(ended);
        var journal = Path.Combine(folder, "journal.db");
        await Task.Run(() => SqliteCopy.Make(sources.Journal, journal, (done, pages) => progress(stored + done, stored + pages), cancellation), cancellation);
        List<BackupFile> files = [BackupFile.Of(folder, "gateway.db", BackupRole.Store), BackupFile.Of(folder, "history.db", BackupRole.History), BackupFile.Of(folder, "journal.db", BackupRole.Journal)];
        if (sources.Access is { } access && File.Exists(access))
        {
            SqliteCopy.Make(access, Path.Combine(folder, "access.db"), (_, _) => { }, cancellation);
            files.Add(BackupFile.Of(folder, "access.db", BackupRole.Access));
        }

        var (id, last) = JournalOf(journal);
        var manifest = new BackupManifest
        {
            Format = BackupManifest.LatestFormat,
            MadeAt = madeAt,
            Gateway = typeof(BackupMaker).Assembly.GetName().Version!.ToString(3),
            JournalId = id,
            LastRecord = last,
            Files = files,
        };
        manifest.Write(folder);
        return manifest;
    }

    private static (string Id, long Last) JournalOf(string path)
    {
        using var connection = JournalFile.ConnectToLook(path);
        return (JournalSchema.IdentityOf(connection), JournalSchema.Scalar(connection, "SELECT coalesce(max(first_sequence + count - 1), 0) FROM groups"));
    }

    private void CheckRoom(string parent)
    {
        Directory.CreateDirectory(parent);
        var history = HistoryFile.PathOf(sources.Store);
        var needed = new[] { sources.Journal, sources.Journal + "-wal", sources.Store, history, history + "-wal" }.Sum(LengthOf);
        var free = DiskWatch.FreeBytesOf(Path.Combine(parent, "x"));
        if (free < needed)
        {
            throw new StorageException($"a backup takes about {needed / Megabyte} MB, and the disk of {parent} has only {free / Megabyte} MB left: make room, or name another folder (backup.path)");
        }
    }

    private static long LengthOf(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    // The disk may be what has failed. Then what is left has a name that says that it is no backup.
    private static string Discard(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }

            return "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $" (and {folder} is left, for it can't be deleted: {e.Message})";
        }
    }
}
