using System.Globalization;
using Gateway.Journal;
using LiteDB;
using Microsoft.Data.Sqlite;

namespace Gateway.Storage;

/// <summary>
/// Puts a backup in the place of a gateway's files, while no gateway runs on them. What is there already is never overwritten: it is refused, or
/// moved aside. The journal gets another identity, for a receiver that has had records behind the backup's end would take the next ones for these.
/// </summary>
/// <param name="targets">Where the files go.</param>
/// <param name="time">The clock.</param>
internal sealed class Restore(BackupSources targets, TimeProvider time)
{
    private const string Suffix = ".restoring";
    private const long Megabyte = 1024 * 1024;

    /// <summary>Restores a backup that has been checked.</summary>
    /// <param name="folder">The backup.</param>
    /// <param name="manifest">What is in it.</param>
    /// <param name="moveAside">Whether files that are there already are moved aside; they are in the way otherwise.</param>
    /// <param name="keepIdentity">Whether the journal keeps its identity: right only where nothing was taken after the backup.</param>
    /// <returns>What was moved aside, and the journal's identity.</returns>
    /// <exception cref="StorageException">It can't be done; nothing has been changed.</exception>
    public RestoreReport Run(string folder, BackupManifest manifest, bool moveAside, bool keepIdentity)
    {
        // Held to the end: a gateway that starts meanwhile is told so.
        using var turn = LiteDbStore.Lock(targets.Store);
        (string Source, string Target)[] files = [.. manifest.Files.Select(file => (Path.Combine(folder, file.Name), TargetOf(file.Role)))];

        // A history that the backup does not bring would be that of other commands.
        string[] present = [.. files.Select(file => file.Target).Append(TargetOf(BackupRole.History)).Distinct().SelectMany(WithCompanions).Where(File.Exists)];
        if (present.Length > 0 && !moveAside)
        {
            throw new StorageException($"there is something already: {string.Join(", ", present)}. Nothing has been changed; --force moves it aside, and restores then");
        }

        var id = keepIdentity ? manifest.JournalId : JournalSchema.NewIdentity();
        try
        {
            CheckRoom(manifest);
            foreach (var (source, target) in files)
            {
                Copy(source, target + Suffix);
            }

            Identify(TargetOf(BackupRole.Journal) + Suffix, TargetOf(BackupRole.Store) + Suffix, manifest.JournalId, id);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SqliteException or LiteException or StorageException)
        {
            files.ToList().ForEach(file => File.Delete(file.Target + Suffix));
            throw e as StorageException ?? new StorageException($"the backup {folder} could not be restored, and nothing has been changed: {e.Message}", e);
        }

        var aside = MoveAside(present);
        foreach (var (_, target) in files)
        {
            File.Move(target + Suffix, target);
        }

        return new RestoreReport(aside, id);
    }

    private string TargetOf(BackupRole role) => role switch
    {
        BackupRole.Journal => targets.Journal,
        BackupRole.Store => targets.Store,
        BackupRole.History => HistoryFile.PathOf(targets.Store),
        _ => targets.Access ?? throw new StorageException("the backup has API keys, and this gateway has no place for them"),
    };

    // SQLite's WAL and the journal's mark; LiteDB's log.
    private static IEnumerable<string> WithCompanions(string path) =>
        [path, path + "-wal", path + "-shm", path + "-last", LiteDbLog.PathOf(path)];

    private void CheckRoom(BackupManifest manifest)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(targets.Journal)!);
        if (DiskWatch.FreeBytesOf(targets.Journal) is var free && free < manifest.Bytes)
        {
            throw new StorageException(string.Create(CultureInfo.InvariantCulture, $"the backup has {manifest.Bytes / Megabyte} MB, and the disk of {targets.Journal} only {free / Megabyte} MB left; nothing has been changed"));
        }
    }

    private static void Copy(string source, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        using var from = File.OpenRead(source);
        using var to = new FileStream(target, FileMode.Create, FileAccess.Write);
        from.CopyTo(to);
        to.Flush(flushToDisk: true);
    }

    // The store goes on to follow the same records under the journal's new name.
    private static void Identify(string journal, string store, string old, string id)
    {
        if (id == old)
        {
            return;
        }

        using (var connection = JournalFile.Connect(journal, SqliteOpenMode.ReadWrite))
        {
            JournalSchema.Identify(connection, id);
        }

        using var database = new LiteDatabase(new ConnectionString { Filename = store, Connection = ConnectionType.Direct });
        if (LiteDbSchema.PositionOf(database) is { Journal.Length: > 0 } position)
        {
            LiteDbSchema.Save(database, position with { Journal = id });
            database.Checkpoint();
        }
    }

    private Dictionary<string, string> MoveAside(string[] present)
    {
        var suffix = $".before-{BackupMaker.NameOf(time.GetUtcNow())}";
        foreach (var path in present)
        {
            File.Move(path, path + suffix);
        }

        return present.ToDictionary(path => path, path => path + suffix);
    }
}

/// <summary>What a restore has done besides.</summary>
/// <param name="Aside">Files that were there, and what they are called now.</param>
/// <param name="JournalId">The journal's identity.</param>
internal sealed record RestoreReport(IReadOnlyDictionary<string, string> Aside, string JournalId);
