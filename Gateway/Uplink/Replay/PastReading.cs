using System.Buffers.Binary;
using System.Security.Cryptography;
using Gateway.Journal;

namespace Gateway.Uplink;

/// <summary>What is known of the readings that a frame has given so far: small, because many are remembered at once.</summary>
/// <param name="Revision">The highest so far; 0 when it was only read when it came.</param>
/// <param name="Readings">A digest of the readings that it gave last; 0 when it never gave any.</param>
/// <param name="Attempt">A digest of which version of a script tried last, and what came of it.</param>
internal readonly record struct PastReading(int Revision, ulong Readings, int Attempt)
{
    /// <summary>Whether it has been read, be it by the first script or by a later one. What was read once is no dead letter any more.</summary>
    public bool HasBeenRead => Readings != 0;

    /// <summary>What a frame's own record tells.</summary>
    public static PastReading OfFrame(JournalRecord frame) =>
        new(0, frame.Outcome is FrameOutcome.Parsed ? DigestOf(frame.Readings.Span) : 0, AttemptOf(frame.ScriptVersion, frame.Outcome));

    /// <summary>The same after it was read again.</summary>
    public PastReading Then(JournalRecord reread) => new(
        Math.Max(Revision, reread.Revision),
        reread.Outcome is FrameOutcome.Parsed ? DigestOf(reread.Readings.Span) : Readings,
        AttemptOf(reread.ScriptVersion, reread.Outcome));

    /// <summary>Whether a frame gives what is known of it already.</summary>
    public bool IsSame(Frame frame) => frame.Outcome is FrameOutcome.Parsed
        ? Readings == DigestOf(frame.Readings.Span)
        : Attempt == AttemptOf(frame.ScriptVersion, frame.Outcome);

    /// <summary>What a frame's own record tells, and what was learnt later.</summary>
    public static PastReading Of(JournalRecord frame, PastReading? later) => later switch
    {
        null => OfFrame(frame),
        { HasBeenRead: false } unread => unread with { Readings = OfFrame(frame).Readings },
        { } read => read,
    };

    // SHA-256, cut off: that two different readings have the same one is as good as impossible, and 0 is none of them.
    private static ulong DigestOf(ReadOnlySpan<byte> readings)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(readings, digest);
        return BinaryPrimitives.ReadUInt64LittleEndian(digest) | 1;
    }

    private static int AttemptOf(string version, FrameOutcome outcome) => HashCode.Combine(version, outcome);
}
