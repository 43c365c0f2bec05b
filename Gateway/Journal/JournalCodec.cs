using System.Buffers.Binary;

namespace Gateway.Journal;

/// <summary>
/// A record's form on disk. The body of a group is such records and nothing else.
/// <code>
///  0               4                8                              8 + length
/// +---------------+----------------+-------------------------------+
/// | length u32 LE | CRC-32C u32 LE | body: length bytes            |
/// +---------------+----------------+-------------------------------+
///                                  |  the checksum is over this    |
///
/// body    +---------+------+----------------------------------------+
///         | version | kind | what version and kind say              |
///         +---------+------+----------------------------------------+
///
/// version 1  kind 1: a frame, as it was written once, see <see cref="UplinkBody"/>
/// version 2, 3  kind 2 to 4: what else there is, see <see cref="EventBody"/>
///            kind 0: records that are no longer kept
/// version 4  kind 1: a frame, see <see cref="UplinkBody"/>
///
///         +---+---+---------------+
///         | 2 | 0 | count, varint |   so many records stood here
///         +---+---+---------------+
///
/// number  varint (LEB128)        text  number of bytes, then UTF-8        bytes  their number, then they
/// </code>
/// The sequence is not in it: it follows from the group's first and the place in the group.
/// A newer form gets a new version; within one, nothing is added and nothing moves.
/// </summary>
internal static class JournalCodec
{
    /// <summary>Longer records are refused: one of them is to fit into memory several times over.</summary>
    public const int MaxRecordBytes = 16 * 1024 * 1024;

    /// <summary>What <see cref="WriteRemoved"/> needs at most.</summary>
    public const int MaxRemovedBytes = HeaderBytes + 2 + MaxVarUIntBytes;

    /// <summary>The kind byte of records that are no longer kept.</summary>
    public const byte Removed = 0;

    private const int HeaderBytes = 8;
    private const int KindOffset = HeaderBytes + 1;

    // Version, kind, outcome, flags, time and the few bytes of a command's states.
    private const int FixedBodyBytes = 20;
    private const int MaxVarUIntBytes = 10;
    private const int MaxFields = 20;
    private const int MaxUtf8BytesPerChar = 3;

    /// <summary>The room that <see cref="Write"/> may need, a little more than it will take.</summary>
    public static long MaxBytes(JournalRecord record)
    {
        var characters = (long)record.DeviceId.Length + record.RequestId.Length + record.Profile.Length + record.Method.Length
            + record.Path.Length + record.Peer.Length + record.ScriptRef.Length + record.ScriptVersion.Length + record.Source.Length
            + (record.Query?.Length ?? 0) + (record.Error?.Length ?? 0) + (record.DtlsDevice?.Length ?? 0)
            + (record.Command is { } command ? command.CommandId.Length + command.CommandType.Length : 0);

        const int lengths = MaxFields * MaxVarUIntBytes;
        return HeaderBytes + FixedBodyBytes + lengths + (characters * MaxUtf8BytesPerChar)
            + record.Payload.Length + FoldedLines.MaxBytes(record.Readings.Span) + (record.Command is { } step ? step.Body.Length + step.Message.Length : 0);
    }

    /// <summary>Writes a record, and returns how many bytes it took.</summary>
    public static int Write(JournalRecord record, Span<byte> destination)
    {
        var body = destination[HeaderBytes..];
        var length = record.Kind is JournalRecordKind.Uplink ? UplinkBody.Write(record, body) : EventBody.Write(record, body);
        return WriteHeader(destination, length);
    }

    /// <summary>Writes the mark that stands for records which are no longer kept, and returns how many bytes it took.</summary>
    public static int WriteRemoved(uint count, Span<byte> destination)
    {
        var writer = new FieldWriter(destination[HeaderBytes..]);
        writer.Byte(EventBody.Version);
        writer.Byte(Removed);
        writer.VarUInt32(count);
        return WriteHeader(destination, writer.Position);
    }

    /// <summary>Reads the record that the bytes begin with.</summary>
    /// <param name="source">The record, and what follows it.</param>
    /// <param name="sequence">The record's place in the journal.</param>
    /// <param name="record">The record; null when there is an error.</param>
    /// <param name="consumed">Where the next record begins; 0 when that can't be known.</param>
    /// <param name="memory">Where the record's bytes are copied to; null for arrays of their own.</param>
    public static JournalCodecError TryRead(
        ReadOnlySpan<byte> source, long sequence, out JournalRecord? record, out int consumed, RecordMemory? memory = null)
    {
        record = null;
        if (!TryFrame(source, out consumed))
        {
            return JournalCodecError.Truncated;
        }

        var body = source[HeaderBytes..consumed];
        return IsWhole(source, body) ? ReadBody(body, sequence, memory, out record) : JournalCodecError.Checksum;
    }

    /// <summary>How many records that are no longer kept the bytes begin with; 0 when they begin with something else.</summary>
    public static uint ReadRemoved(ReadOnlySpan<byte> source)
    {
        if (KindOf(source) is not Removed || !TryFrame(source, out var length) || !IsWhole(source, source[HeaderBytes..length]))
        {
            return 0;
        }

        var reader = new FieldReader(source[HeaderBytes..length]);
        _ = (reader.Byte(), reader.Byte());
        var count = reader.VarUInt32();
        return reader.Failed || !reader.AtEnd ? 0 : count;
    }

    /// <summary>The kind byte of the record that the bytes begin with, unchecked; null when there is none.</summary>
    public static byte? KindOf(ReadOnlySpan<byte> source) => source.Length > KindOffset ? source[KindOffset] : null;

    /// <summary>The length of the record that the bytes begin with, without a look inside; false when they do not hold a whole one.</summary>
    public static bool TryFrame(ReadOnlySpan<byte> source, out int length)
    {
        length = 0;
        if (source.Length < HeaderBytes)
        {
            return false;
        }

        var body = BinaryPrimitives.ReadUInt32LittleEndian(source);
        if (body > MaxRecordBytes || body > source.Length - HeaderBytes)
        {
            return false;
        }

        length = HeaderBytes + (int)body;
        return true;
    }

    private static int WriteHeader(Span<byte> destination, int length)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, (uint)length);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], Crc32C.Of(destination.Slice(HeaderBytes, length)));
        return HeaderBytes + length;
    }

    private static bool IsWhole(ReadOnlySpan<byte> source, ReadOnlySpan<byte> body) =>
        BinaryPrimitives.ReadUInt32LittleEndian(source[4..]) == Crc32C.Of(body);

    private static JournalCodecError ReadBody(ReadOnlySpan<byte> body, long sequence, RecordMemory? memory, out JournalRecord? record)
    {
        record = body is [UplinkBody.Version or UplinkBody.FirstVersion, ..] ? UplinkBody.Read(body, sequence, memory)
            : body is [EventBody.OldestVersion or EventBody.Version, ..] ? EventBody.Read(body, sequence, memory)
            : null;
        return record is not null ? JournalCodecError.None
            : body is [> UplinkBody.Version, ..] ? JournalCodecError.UnknownVersion
            : JournalCodecError.Malformed;
    }
}
