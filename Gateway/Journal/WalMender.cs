using System.Buffers.Binary;
using System.Globalization;

namespace Gateway.Journal;

/// <summary>
/// Saves what SQLite would drop. When a bit of a WAL has changed, SQLite takes nothing of what stands behind it, although all of it
/// is there. Here the damaged WAL is copied first; then the checksums are summed up anew, so that the one page that has changed is
/// taken as it is and the others as they were. Whether that page can be lived with is for <see cref="JournalIntegrity"/> to say, and
/// for the checksums of the records: if the file is not whole then, the old WAL comes back, and SQLite does what it always does.
/// </summary>
internal sealed class WalMender(string journal, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan CheckLimit = TimeSpan.FromMinutes(1);

    private string Wal => journal + "-wal";

    /// <summary>Looks at the WAL before anyone opens the journal, and mends it where that is needed.</summary>
    public void Mend()
    {
        if (WalScan.Read(Wal) is not { IsDamaged: true } report)
        {
            return;
        }

        var place = report.Place;
        var copy = string.Create(CultureInfo.InvariantCulture, $"{Wal}.damaged-{time.GetUtcNow():yyyyMMdd'T'HHmmss}");
        File.Copy(Wal, copy, overwrite: true);
        if (!report.IsMendable)
        {
            logger.WalNotMended(Wal, place, report.CommitsBehind, copy);
            return;
        }

        WriteMended(report);
        if (JournalIntegrity.Check(journal, CheckLimit, time) is { Problems.Count: 0 })
        {
            logger.WalMended(Wal, place, report.CommitsBehind, copy);
        }
        else
        {
            File.Copy(copy, Wal, overwrite: true);
            logger.WalNotMended(Wal, place, report.CommitsBehind, copy);
        }
    }

    // Into another file and over the old one with one stroke: a crash in between leaves one of the two.
    private void WriteMended(WalReport report)
    {
        var mended = Wal + ".mended";
        using (var source = new FileStream(Wal, FileMode.Open, FileAccess.Read))
        using (var target = new FileStream(mended, FileMode.Create, FileAccess.Write))
        {
            var header = new byte[WalScan.HeaderBytes];
            source.ReadExactly(header);
            target.Write(header);
            var (frame, checksum) = (new byte[report.Header.FrameBytes], report.Header.Checksum);
            for (var index = 0; index <= report.LastCommit; index++)
            {
                source.ReadExactly(frame);
                BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(8), report.Header.Salt);
                checksum = report.Header.ChecksumOf(frame, checksum);
                checksum.Write(frame.AsSpan(WalScan.ChecksumOffset));
                target.Write(frame);
            }

            target.Flush(flushToDisk: true);
        }

        File.Move(mended, Wal, overwrite: true);
    }
}
