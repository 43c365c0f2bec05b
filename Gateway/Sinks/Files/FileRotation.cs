using System.Globalization;
using System.IO.Compression;
using System.Text.RegularExpressions;

namespace Gateway.Sinks;

/// <summary>
/// Puts a file aside: <c>readings.ndjson</c> becomes <c>readings-20260102T030405Z-000.ndjson</c>, and <c>.gz</c> with that when it is to be
/// compressed. All it goes by stands in the file system, so a crash leaves nothing that the next rotation does not finish. Of one loop.
/// </summary>
internal sealed partial class FileRotation(FileSinkSettings settings, TimeProvider time)
{
    private const string Compressed = ".gz";
    private const string Unfinished = ".tmp";

    private readonly string _folder = Path.GetDirectoryName(Path.GetFullPath(settings.Path))!;
    private readonly string _stem = Path.GetFileNameWithoutExtension(settings.Path);
    private readonly string _extension = Path.GetExtension(settings.Path);

    /// <summary>Puts the file aside if it is of another day, or would grow too large by so many bytes.</summary>
    public void MakeRoom(long bytes)
    {
        var file = new FileInfo(settings.Path);
        if (!file.Exists || file.Length == 0 || !(IsFull(file, bytes) || IsOfAnotherDay(file)))
        {
            return;
        }

        file.MoveTo(FreeName());
        if (settings.Compress)
        {
            CompressAll();
        }

        DeleteOldest();
    }

    private bool IsFull(FileInfo file, long bytes) => settings.RotateMegabytes > 0 && file.Length + bytes > settings.RotateMegabytes * 1024L * 1024;

    // A clock that is set back starts no new day.
    private bool IsOfAnotherDay(FileInfo file) => settings.RotateDaily && file.LastWriteTimeUtc.Date < time.GetUtcNow().UtcDateTime.Date;

    private string FreeName()
    {
        var now = time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        for (var number = 0; ; number++)
        {
            // Several may be put aside within a second; their names sort like their times.
            var name = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{_stem}-{now}-{number:000}{_extension}"));
            if (!File.Exists(name) && !File.Exists(name + Compressed))
            {
                return name;
            }
        }
    }

    /// <summary>The files that were put aside, the oldest first, with or without <c>.gz</c>.</summary>
    private IEnumerable<string> PutAside() =>
        from path in Directory.EnumerateFiles(_folder, _stem + "-*")
        let name = Path.GetFileName(path)
        let plain = name.EndsWith(Compressed, StringComparison.Ordinal) ? name[..^Compressed.Length] : name
        where plain.EndsWith(_extension, StringComparison.Ordinal) && Stamp().IsMatch(plain[_stem.Length..^_extension.Length])
        orderby plain[..(_stem.Length + 17)], plain.Length, plain
        select path;

    // Those too whose compression a crash has interrupted.
    private void CompressAll()
    {
        foreach (var path in PutAside().Where(path => !path.EndsWith(Compressed, StringComparison.Ordinal)).ToList())
        {
            var unfinished = path + Compressed + Unfinished;
            using (var from = File.OpenRead(path))
            using (var to = new FileStream(unfinished, FileMode.Create, FileAccess.Write))
            {
                using (var gzip = new GZipStream(to, CompressionLevel.Optimal, leaveOpen: true))
                {
                    from.CopyTo(gzip);
                }

                to.Flush(flushToDisk: true);
            }

            File.Move(unfinished, path + Compressed, overwrite: true);
            File.Delete(path);
        }
    }

    private void DeleteOldest()
    {
        if (settings.KeepFiles > 0)
        {
            foreach (var path in PutAside().SkipLast(settings.KeepFiles).ToList())
            {
                File.Delete(path);
            }
        }
    }

    [GeneratedRegex(@"\A-[0-9]{8}T[0-9]{6}Z-[0-9]{3,}\z")]
    private static partial Regex Stamp();
}
