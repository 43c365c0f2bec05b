using System.Buffers.Binary;

namespace Gateway.Coap.Dtls;

/// <summary>One record of a DTLS 1.2 datagram, not opened yet. Reading is pure, and takes any bytes.</summary>
//
//   0      1         3       5          11                     13 + n
//   +------+---------+-------+----------+- - - - - - - +--------+----------
//   | type | version | epoch | sequence | connection id | length | fragment      RFC 6347 §4.1, RFC 9146 §4
//   +------+---------+-------+----------+- - - - - - - +--------+----------
//                                        n bytes, only in WithConnectionId
//
internal readonly ref struct Record
{
    public const int HeaderSize = 13;
    public const ushort Version = 0xfefd;
    public const ulong MaxSequence = (1UL << 48) - 1;

    /// <summary>The longest text of a record, and the longest form that it may have when it is sealed, in bytes (RFC 5246 §6.2).</summary>
    public const int MaxText = 1 << 14;
    public const int MaxFragment = MaxText + 2048;

    // DTLS 1.0's: what a first ClientHello and a HelloVerifyRequest have, in a version that both sides can read. No protected record has it.
    private const ushort OldVersion = 0xfeff;

    private const int VersionAt = 1;
    private const int EpochAt = 3;
    private const int ConnectionIdAt = 11;

    private Record(ReadOnlySpan<byte> whole, int connectionIdLength)
    {
        Whole = whole;
        ConnectionIdLength = connectionIdLength;
    }

    /// <summary>The record with its head.</summary>
    public ReadOnlySpan<byte> Whole { get; }

    private int ConnectionIdLength { get; }

    public RecordType Type => (RecordType)Whole[0];

    public ushort Epoch => BinaryPrimitives.ReadUInt16BigEndian(Whole[EpochAt..]);

    /// <summary>The number of the record within its epoch.</summary>
    public ulong Sequence => EpochAndSequence & MaxSequence;

    /// <summary>Both as they stand in the head: 16 bits and 48.</summary>
    public ulong EpochAndSequence => BinaryPrimitives.ReadUInt64BigEndian(Whole[EpochAt..]);

    public ReadOnlySpan<byte> ConnectionId => Whole.Slice(ConnectionIdAt, ConnectionIdLength);

    public ReadOnlySpan<byte> Fragment => Whole[(HeaderSize + ConnectionIdLength)..];

    /// <summary>Reads the first record of what is left of a datagram; false when there is none that makes sense, and then there is nothing behind it either.</summary>
    /// <param name="datagram">What is left.</param>
    /// <param name="connectionIdLength">How long the connection ids are that this side gives out.</param>
    /// <param name="record">The record.</param>
    public static bool TryRead(ReadOnlySpan<byte> datagram, int connectionIdLength, out Record record)
    {
        record = default;
        if (datagram.Length < HeaderSize
            || (RecordType)datagram[0] is not (>= RecordType.ChangeCipherSpec and <= RecordType.ApplicationData or RecordType.WithConnectionId)
            || !HasVersion(datagram))
        {
            return false;
        }

        var named = (RecordType)datagram[0] == RecordType.WithConnectionId ? connectionIdLength : 0;
        var size = HeaderSize + named;
        if (datagram.Length < size)
        {
            return false;
        }

        var fragment = BinaryPrimitives.ReadUInt16BigEndian(datagram[(ConnectionIdAt + named)..]);
        size += fragment;
        if (datagram.Length < size || fragment > MaxFragment)
        {
            return false;
        }

        record = new Record(datagram[..size], named);
        return true;
    }

    /// <summary>The epoch and the number of a whole record, however long its connection id is.</summary>
    public static (ushort Epoch, ulong Sequence) NumbersOf(ReadOnlySpan<byte> record)
    {
        var both = BinaryPrimitives.ReadUInt64BigEndian(record[EpochAt..]);
        return ((ushort)(both >> 48), both & MaxSequence);
    }

    /// <summary>Writes a head; returns its length.</summary>
    public static int WriteHead(Span<byte> destination, RecordType type, ulong epochAndSequence, ReadOnlySpan<byte> connectionId, int fragment)
    {
        destination[0] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(destination[VersionAt..], Version);
        BinaryPrimitives.WriteUInt64BigEndian(destination[EpochAt..], epochAndSequence);
        connectionId.CopyTo(destination[ConnectionIdAt..]);
        BinaryPrimitives.WriteUInt16BigEndian(destination[(ConnectionIdAt + connectionId.Length)..], (ushort)fragment);
        return HeaderSize + connectionId.Length;
    }

    private static bool HasVersion(ReadOnlySpan<byte> datagram) => BinaryPrimitives.ReadUInt16BigEndian(datagram[VersionAt..]) switch
    {
        Version => true,
        OldVersion => BinaryPrimitives.ReadUInt16BigEndian(datagram[EpochAt..]) == 0,
        _ => false,
    };
}
