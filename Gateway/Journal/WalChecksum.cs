using System.Buffers.Binary;

namespace Gateway.Journal;

/// <summary>The running checksum of SQLite's WAL: each frame's is that of all before it, and of itself.</summary>
internal readonly record struct WalChecksum(uint First, uint Second)
{
    public const int Bytes = 8;

    /// <summary>The checksum with more bytes, a multiple of eight.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="bigEndian">How words are read: the WAL's magic number says so.</param>
    public WalChecksum With(ReadOnlySpan<byte> bytes, bool bigEndian)
    {
        var (first, second) = (First, Second);
        for (; bytes.Length >= Bytes; bytes = bytes[Bytes..])
        {
            first = unchecked(first + Word(bytes, bigEndian) + second);
            second = unchecked(second + Word(bytes[4..], bigEndian) + first);
        }

        return new WalChecksum(first, second);
    }

    /// <summary>The checksum as it stands in a header: always big-endian.</summary>
    public static WalChecksum Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt32BigEndian(bytes), BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, First);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], Second);
    }

    private static uint Word(ReadOnlySpan<byte> bytes, bool bigEndian) =>
        bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
