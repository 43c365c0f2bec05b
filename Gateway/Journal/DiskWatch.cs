using System.Globalization;

namespace Gateway.Journal;

/// <summary>
/// Watches the room on the journal's disk. What the file holds in free pages is room as well: SQLite never gives them back, it
/// uses them again. Asked once a second, not for each frame; of the committer's thread, but for <see cref="Shortage"/>.
/// </summary>
internal sealed class DiskWatch(Func<JournalSettings> settings, Func<string, long> freeBytes, TimeProvider time, ILogger logger)
{
    private const long Megabyte = 1024 * 1024;
    private const int EnoughPercent = 110;

    private volatile DiskShortage? _shortage;

    /// <summary>What is wrong; null while there is room.</summary>
    public DiskShortage? Shortage => _shortage;

    /// <param name="reusable">The bytes of the file that are free to be used again.</param>
    public void Check(long reusable)
    {
        var (path, megabytes) = (settings().Path, settings().MinFreeMegabytes);
        var least = megabytes * Megabyte;
        if (least == 0)
        {
            _shortage = null;
            return;
        }

        var free = FreeBytes(path) + reusable;
        if (_shortage is null && free < least)
        {
            var problem = string.Create(CultureInfo.InvariantCulture,
                $"the disk of {path} has only {free / Megabyte} MB left, and journal.min_free_megabytes is {megabytes}: make room, or keep less (journal.keep_days, journal.max_megabytes)");
            _shortage = new DiskShortage(problem, time.GetUtcNow());
            logger.DiskNearlyFull(problem);
        }
        else if (_shortage is not null && free >= least / 100 * EnoughPercent)
        {
            // A little more than at the other end, or it would go to and fro.
            _shortage = null;
            logger.RoomAgain(path, free / Megabyte);
        }
    }

    /// <summary>What the disk of a file has for us.</summary>
    public static long FreeBytesOf(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(folder)! : folder).AvailableFreeSpace;
    }

    private long FreeBytes(string path)
    {
        try
        {
            return freeBytes(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Whoever can't be asked does not stand in the way; the commit itself will tell.
            logger.RoomUnknown(path, failure);
            return long.MaxValue / 2;
        }
    }
}

/// <summary>A disk that has too little room, and since when.</summary>
internal sealed record DiskShortage(string Problem, DateTimeOffset Since);
