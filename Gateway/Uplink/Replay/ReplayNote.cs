using System.Text;
using Gateway.Journal;

namespace Gateway.Uplink;

/// <summary>What became of one frame in a replay, for people.</summary>
/// <param name="Sequence">The frame's record.</param>
/// <param name="DeviceId">Its device; empty when nobody could be found.</param>
/// <param name="ReceivedAt">When it came.</param>
/// <param name="Before">What became of it when it came.</param>
/// <param name="ReadingsBefore">How many readings it gave then.</param>
/// <param name="Now">What becomes of it now.</param>
/// <param name="ReadingsNow">How many readings it gives now.</param>
/// <param name="Error">Why it is not read; null when it is.</param>
/// <param name="FirstBefore">The first reading that is not as it was, as it was; null when there was none, or it is long.</param>
/// <param name="FirstNow">The same as it is now.</param>
internal sealed record ReplayNote(
    long Sequence, string DeviceId, DateTimeOffset ReceivedAt, FrameOutcome Before, int ReadingsBefore, FrameOutcome Now, int ReadingsNow,
    string? Error, string? FirstBefore, string? FirstNow)
{
    // A status with many notes must stay small.
    private const int LongestReading = 2048;
    private const int LongestError = 1000;

    public static ReplayNote Of(JournalRecord record, ReplayedFrame again)
    {
        var frame = again.Frame;
        var (before, now) = FirstDifference(record.Readings.Span, frame.Readings.Span);
        var error = frame.Error is { Length: > LongestError } longer ? longer[..LongestError] + "…" : frame.Error;
        return new ReplayNote(
            record.Sequence, again.DeviceId, record.ReceivedAt, record.Outcome, record.ReadingCount, frame.Outcome, frame.ReadingCount, error, before, now);
    }

    private static (string? Before, string? Now) FirstDifference(ReadOnlySpan<byte> before, ReadOnlySpan<byte> now)
    {
        while (!before.IsEmpty || !now.IsEmpty)
        {
            var was = Line(ref before);
            var present = Line(ref now);
            if (!was.SequenceEqual(present))
            {
                return (Text(was), Text(present));
            }
        }

        return (null, null);
    }

    private static ReadOnlySpan<byte> Line(ref ReadOnlySpan<byte> lines)
    {
        var end = lines.IndexOf((byte)'\n');
        var line = end < 0 ? lines : lines[..end];
        lines = end < 0 ? [] : lines[(end + 1)..];
        return line;
    }

    private static string? Text(ReadOnlySpan<byte> line) => line.Length is 0 or > LongestReading ? null : Encoding.UTF8.GetString(line);
}
