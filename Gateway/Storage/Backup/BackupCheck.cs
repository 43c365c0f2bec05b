using System.Globalization;
using Gateway.Journal;
using Microsoft.Data.Sqlite;

namespace Gateway.Storage;

/// <summary>Whether a backup can be restored: its files are what was written, whole, and belong together.</summary>
internal static class BackupCheck
{
    /// <summary>Reads all of a backup.</summary>
    /// <returns>What is wrong; nothing when all is well.</returns>
    public static IReadOnlyList<string> Run(string folder, BackupManifest manifest, TimeProvider time, CancellationToken cancellation)
    {
        var problems = new List<string>();
        foreach (var file in manifest.Files)
        {
            cancellation.ThrowIfCancellationRequested();
            CheckFile(folder, file, problems);
        }

        // What is not what was written need not be looked into.
        if (problems.Count > 0)
        {
            return problems;
        }

        var last = CheckJournal(PathOf(folder, manifest, BackupRole.Journal), manifest, time, problems, cancellation);
        CheckStore(PathOf(folder, manifest, BackupRole.Store), manifest, last, time, problems);
        foreach (var history in manifest.Files.Where(file => file.Role is BackupRole.History))
        {
            CheckHistory(Path.Combine(folder, history.Name), problems);
        }

        return problems;
    }

    /// <summary>Where a file of the backup is.</summary>
    /// <exception cref="StorageException">The backup has none.</exception>
    public static string PathOf(string folder, BackupManifest manifest, BackupRole role) =>
        manifest.Files.FirstOrDefault(file => file.Role == role) is { } found
            ? Path.Combine(folder, found.Name)
            : throw new StorageException($"the backup {folder} has no {role.ToString().ToLowerInvariant()}: {BackupManifest.FileName} names none");

    private static void CheckFile(string folder, BackupFile file, List<string> problems)
    {
        if (file.Name != Path.GetFileName(file.Name))
        {
            problems.Add($"{file.Name} is no file of the backup's own folder");
            return;
        }

        try
        {
            var present = BackupFile.Of(folder, file.Name, file.Role);
            if (present != file)
            {
                problems.Add(string.Create(CultureInfo.InvariantCulture, $"{file.Name} is not what was written: it has {present.Bytes} bytes and the SHA-256 {present.Sha256}, and should have {file.Bytes} and {file.Sha256}"));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add($"{file.Name} can't be read: {e.Message}");
        }
    }

    private static long CheckJournal(string path, BackupManifest manifest, TimeProvider time, List<string> problems, CancellationToken cancellation)
    {
        try
        {
            var verdict = new JournalVerifier(path, time).Verify(cancellation);
            problems.AddRange(verdict.Problems.Select(problem => $"{Path.GetFileName(path)}: {problem}"));
            if (verdict.Last != manifest.LastRecord)
            {
                problems.Add(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(path)} ends with record {verdict.Last}, and should with {manifest.LastRecord}"));
            }

            return verdict.Last;
        }
        catch (Exception e) when (e is SqliteException or JournalFileException)
        {
            problems.Add($"{Path.GetFileName(path)}: {e.Message}");
            return manifest.LastRecord;
        }
    }

    private static void CheckHistory(string path, List<string> problems)
    {
        try
        {
            HistoryFile.Check(path);
        }
        catch (StorageException e)
        {
            problems.Add(e.Message);
        }
    }

    private static void CheckStore(string path, BackupManifest manifest, long last, TimeProvider time, List<string> problems)
    {
        try
        {
            using var database = LiteDbCheck.OpenToLook(path);
            LiteDbSchema.Check(database, path);
            LiteDbCheck.Run(database, path, TimeSpan.MaxValue, time);
            var position = LiteDbSchema.PositionOf(database);
            if (position.Journal.Length > 0 && (position.Journal != manifest.JournalId || position.Sequence > last))
            {
                problems.Add(string.Create(CultureInfo.InvariantCulture,
                    $"the store has followed the journal {position.Journal} up to record {position.Sequence}, and that of the backup is {manifest.JournalId} and ends with {last}: they do not belong together"));
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // What LiteDB throws at a damaged file depends on the bytes that it happens to read.
            problems.Add($"{Path.GetFileName(path)}: {e.Message}");
        }
    }
}
