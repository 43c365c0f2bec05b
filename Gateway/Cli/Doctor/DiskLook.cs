using System.Diagnostics;
using System.Globalization;
using Gateway.Configuration;
using Gateway.Journal;

namespace Gateway.Cli;

/// <summary>Whether the disks take what the gateway writes, how fast, and whether there is room.</summary>
internal static class DiskLook
{
    private const long Megabyte = 1024 * 1024;
    private const int Syncs = 20;
    private const int SyncBytes = 4096;
    private const double SlowMilliseconds = 20;

    // Where SQLite's WAL does not work, or a sync means little.
    private static readonly string[] Networks = ["nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "9p", "fuse.sshfs", "afs"];

    public static IEnumerable<Finding> Run(GatewaySettings settings)
    {
        foreach (var (place, path) in new[] { ("journal.path", settings.Journal.Path), ("storage.path", settings.Storage.Path), ("backup.path", Path.Combine(settings.Backup.Path, "x")) })
        {
            foreach (var finding in Folder(place, Path.GetDirectoryName(path)!, settings.Journal.MinFreeMegabytes))
            {
                yield return finding;
            }
        }
    }

    private static IEnumerable<Finding> Folder(string place, string folder, int leastMegabytes)
    {
        // Not made here: who looks may be another than who runs the gateway.
        var nearest = folder;
        while (!Directory.Exists(nearest) && Path.GetDirectoryName(nearest) is { } parent)
        {
            nearest = parent;
        }

        var probe = Path.Combine(nearest, $".gateway-doctor-{Environment.ProcessId}");
        string? problem = null;
        var median = 0.0;
        try
        {
            median = MedianSync(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = e.Message;
        }

        if (problem is not null)
        {
            yield return Finding.Bad(place, $"{nearest} can't be written to: {problem}", "give the gateway's user the right to, or name another place");
            yield break;
        }

        yield return median <= SlowMilliseconds
            ? Finding.Good(place, string.Create(CultureInfo.InvariantCulture, $"{nearest} takes a sync in {median:0.0} ms"))
            : Finding.Odd(place, string.Create(CultureInfo.InvariantCulture, $"{nearest} takes a sync in {median:0.0} ms; each answer waits for one"), "a local SSD takes well below 10 ms; devices wait longer, and up to 20,000 frames wait with them");
        yield return Room(place, nearest, leastMegabytes);
    }

    private static Finding Room(string place, string folder, int leastMegabytes)
    {
        var free = DiskWatch.FreeBytesOf(Path.Combine(folder, "x")) / Megabyte;
        var format = new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(folder)! : folder).DriveFormat;
        var fact = string.Create(CultureInfo.InvariantCulture, $"{folder} ({format}) has {free} MB left");
        return Networks.Contains(format) && place != "backup.path" ? Finding.Bad(place, $"{fact}, and is a network share", "SQLite can't keep its WAL there: name a place on a local disk")
            : free < leastMegabytes ? Finding.Bad(place, fact, string.Create(CultureInfo.InvariantCulture, $"below journal.min_free_megabytes ({leastMegabytes}) devices are told to come back: make room"))
            : free < leastMegabytes * 4L ? Finding.Odd(place, fact, "make room, or keep less (journal.keep_days, journal.max_megabytes)")
            : Finding.Good(place, fact);
    }

    private static double MedianSync(string probe)
    {
        using var file = new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, SyncBytes, FileOptions.DeleteOnClose);
        var bytes = new byte[SyncBytes];
        var took = new double[Syncs];
        for (var i = 0; i < Syncs; i++)
        {
            var started = Stopwatch.GetTimestamp();
            file.Write(bytes);
            file.Flush(flushToDisk: true);
            took[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        Array.Sort(took);
        return took[Syncs / 2];
    }
}
