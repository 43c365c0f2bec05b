using System.Security.Cryptography;
using System.Text.Json;

namespace Gateway.Storage;

/// <summary>
/// What a backup consists of. It is written last, as <c>backup.json</c>: a folder without it is no backup.
/// </summary>
internal sealed record BackupManifest
{
    /// <summary>The file's name in the backup's folder.</summary>
    public const string FileName = "backup.json";

    /// <summary>The form of backups that this gateway writes, and the latest that it reads.</summary>
    public const int LatestFormat = 2;

    private static readonly JsonSerializerOptions Json = new(StoredJson.Options) { WriteIndented = true };

    public required int Format { get; init; }

    public required DateTimeOffset MadeAt { get; init; }

    /// <summary>The version of the gateway that made it.</summary>
    public required string Gateway { get; init; }

    /// <summary>Which journal it is; see <see cref="Journal.IJournal.Id"/>.</summary>
    public required string JournalId { get; init; }

    /// <summary>The last record that is in it.</summary>
    public required long LastRecord { get; init; }

    public required IReadOnlyList<BackupFile> Files { get; init; }

    /// <summary>All bytes of it.</summary>
    public long Bytes => Files.Sum(file => file.Bytes);

    /// <summary>Reads the manifest of a backup.</summary>
    /// <exception cref="StorageException">It is none, or of a newer gateway.</exception>
    public static BackupManifest Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            var manifest = JsonSerializer.Deserialize<BackupManifest>(File.ReadAllBytes(path), StoredJson.Options) ?? throw new JsonException("it says null");
            return manifest.Format <= LatestFormat
                ? manifest
                : throw new StorageException($"the backup {folder} has the form {manifest.Format}, and this gateway knows only forms up to {LatestFormat}: use the gateway that made it ({manifest.Gateway}), or a newer one");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StorageException($"{folder} is no backup, or none that was finished: it has no {FileName}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or NotSupportedException)
        {
            throw new StorageException($"{path} can't be read: {e.Message}", e);
        }
    }

    /// <summary>Writes it, so that it is on disk.</summary>
    public void Write(string folder)
    {
        using var file = new FileStream(Path.Combine(folder, FileName), FileMode.CreateNew, FileAccess.Write);
        JsonSerializer.Serialize(file, this, Json);
        file.Flush(flushToDisk: true);
    }
}

/// <summary>A file of a backup.</summary>
/// <param name="Name">Its name in the backup's folder.</param>
/// <param name="Role">What it is.</param>
/// <param name="Bytes">How long it is.</param>
/// <param name="Sha256">Its SHA-256, as <c>sha256sum</c> writes it.</param>
internal sealed record BackupFile(string Name, BackupRole Role, long Bytes, string Sha256)
{
    /// <summary>Describes a file that is there.</summary>
    public static BackupFile Of(string folder, string name, BackupRole role)
    {
        using var file = File.OpenRead(Path.Combine(folder, name));
        return new BackupFile(name, role, file.Length, Convert.ToHexStringLower(SHA256.HashData(file)));
    }
}

/// <summary>What a file of a backup is.</summary>
internal enum BackupRole
{
    /// <summary>The journal (SQLite).</summary>
    Journal,

    /// <summary>Devices, and commands that wait (LiteDB).</summary>
    Store,

    /// <summary>Commands that have ended (SQLite). Form 1 has none.</summary>
    History,

    /// <summary>API keys and the audit record (SQLite).</summary>
    Access,
}
