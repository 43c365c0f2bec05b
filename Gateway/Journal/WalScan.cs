using System.Buffers.Binary;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Journal;

/// <summary>
/// Reads a WAL that a crash has left, frame by frame, as SQLite will, and beyond the place where SQLite will stop: at the first
/// frame whose checksum does not fit it drops that frame and all behind it, without a word.
/// <code>
/// WAL     +----------+---------+---------+---------+
///         | header   | frame 1 | frame 2 | ...     |
///         +----------+---------+---------+---------+
/// header  magic · format · page size · checkpoint · salt 1 · salt 2 · checksum of those      8 × u32 BE
/// frame   page number · pages of the database, 0 but in a commit · salt 1 · salt 2 · checksum of all before   6 × u32 BE, then the page
/// </code>
/// See sqlite.org/fileformat2.html, section 4.
/// </summary>
internal static class WalScan
{
    public const int HeaderBytes = 32;
    public const int FrameHeaderBytes = 24;
    public const int ChecksumOffset = 16;
    public const int ChecksummedBytes = 8;

    private const uint Magic = 0x377F0682;
    private const int MinPageBytes = 512;
    private const int MaxPageBytes = 65_536;

    /// <summary>Reads it; null when there is nothing in it.</summary>
    public static WalReport? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return RandomAccess.GetLength(file) <= HeaderBytes ? null
            : ReadHeader(file) is { } header ? ReadFrames(file, header)
            : new WalReport { IsMendable = false, IsHeaderBroken = true };
    }

    private static WalHeader? ReadHeader(SafeFileHandle file)
    {
        Span<byte> bytes = stackalloc byte[HeaderBytes];
        if (RandomAccess.Read(file, bytes, 0) != HeaderBytes)
        {
            return null;
        }

        var magic = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        var page = BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]);
        if ((magic & ~1u) != Magic || page is < MinPageBytes or > MaxPageBytes || !uint.IsPow2(page))
        {
            return null;
        }

        var bigEndian = (magic & 1) != 0;
        var checksum = default(WalChecksum).With(bytes[..24], bigEndian);
        return checksum == WalChecksum.Read(bytes[24..])
            ? new WalHeader((int)page, bigEndian, BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]), checksum)
            : null;
    }

    private static WalReport ReadFrames(SafeFileHandle file, WalHeader header)
    {
        var bytes = new byte[header.FrameBytes];
        var (previous, commits, frame) = (header.Checksum, 0, 0);
        var report = new WalReport { Header = header };
        for (; RandomAccess.Read(file, bytes, header.OffsetOf(frame)) == bytes.Length; frame++)
        {
            var isOurs = BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(8)) == header.Salt;
            var stored = WalChecksum.Read(bytes.AsSpan(ChecksumOffset));
            var fits = header.ChecksumOf(bytes, previous) == stored;
            if (!isOurs && !fits && IsForeign(file, header, frame + 1))
            {
                break;
            }

            if (!isOurs || !fits)
            {
                report.CommitsBeforeBroken ??= commits;
                report.Broken.Add(frame);
                report.IsMendable &= isOurs || fits;
            }

            if ((isOurs || fits) && BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(4)) != 0)
            {
                (commits, report.LastCommit) = (commits + 1, frame);
            }

            // What is behind was summed up from what was once written here.
            previous = stored;
        }

        report.Commits = commits;
        return report;
    }

    // Behind what was written last stands what an earlier round has left. One such frame might be damage, two are the end.
    private static bool IsForeign(SafeFileHandle file, WalHeader header, int frame)
    {
        Span<byte> bytes = stackalloc byte[FrameHeaderBytes];
        return RandomAccess.Read(file, bytes, header.OffsetOf(frame)) != bytes.Length || BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]) != header.Salt;
    }
}

/// <summary>What a WAL says of itself.</summary>
internal sealed record WalHeader(int PageBytes, bool BigEndian, ulong Salt, WalChecksum Checksum)
{
    public int FrameBytes => WalScan.FrameHeaderBytes + PageBytes;

    public long OffsetOf(int frame) => WalScan.HeaderBytes + ((long)frame * FrameBytes);

    public WalChecksum ChecksumOf(ReadOnlySpan<byte> frame, WalChecksum previous) =>
        previous.With(frame[..WalScan.ChecksummedBytes], BigEndian).With(frame[WalScan.FrameHeaderBytes..], BigEndian);
}

/// <summary>How a WAL is. Frames are numbered from 0.</summary>
internal sealed class WalReport
{
    /// <summary>The header; without meaning when it is broken.</summary>
    public WalHeader Header { get; init; } = new(0, false, 0, default);

    /// <summary>Whether the header does not fit. Then SQLite takes nothing of the WAL.</summary>
    public bool IsHeaderBroken { get; init; }

    /// <summary>The frames that do not fit, in order. Those behind the last commit belong to a transaction that never ended.</summary>
    public List<int> Broken { get; } = [];

    /// <summary>The last frame that ends a transaction; -1 for none.</summary>
    public int LastCommit { get; set; } = -1;

    /// <summary>How many transactions there are.</summary>
    public int Commits { get; set; }

    /// <summary>How many stand before the first frame that does not fit; null when all fit.</summary>
    public int? CommitsBeforeBroken { get; set; }

    /// <summary>Whether each frame that does not fit is known to be one of this WAL, with a page or a header that may be damaged.</summary>
    public bool IsMendable { get; set; } = true;

    /// <summary>Whether SQLite would drop transactions that are there.</summary>
    public bool IsDamaged => IsHeaderBroken || (Broken.Count > 0 && Broken[0] <= LastCommit);

    /// <summary>Where the damage begins, for people.</summary>
    public string Place => IsHeaderBroken ? "its header"
        : Broken.Count == 0 ? "no place"
        : string.Create(CultureInfo.InvariantCulture, $"frame {Broken[0]}, byte {Header.OffsetOf(Broken[0])}");

    /// <summary>How many it would drop; 0 when that is not known.</summary>
    public int CommitsBehind => IsDamaged ? Commits - (CommitsBeforeBroken ?? 0) : 0;
}
