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
/// body    +---------+------+---------+-------+------------------------------+
///         | version | kind | outcome | flags | received at, i64 LE          |   100 ns since 0001-01-01 UTC
///         +---------+------+---------+-------+------------------------------+
///         | device id | request id | profile | method | path | peer         |   texts
///         +-----------+------------+---------+--------+------+--------------+
///         | script ref | script version | query? | error? | content format? |   those with ? if their flag is set
///         +------------+----------------+--------+--------+-----------------+
///         | reading count | payload | readings                              |
///         +---------------+---------+---------------------------------------+
///
/// number  varint (LEB128)        text  number of bytes, then UTF-8        payload, readings  number of bytes, then the bytes
/// flags   1 confirmable · 2 query · 4 error · 8 content format
/// </code>
/// The sequence is not in it: it follows from the group's first and the place in the group.
/// A newer form gets a new version; within one, nothing is added and nothing moves.
/// </summary>
internal static class JournalCodec
{
    /// <summary>Longer records are refused: one of them is to fit into memory several times over.</summary>
    public const int MaxRecordBytes = 16 * 1024 * 1024;

    private const int HeaderBytes = 8;
    private const int FixedBodyBytes = 12;
    private const int MaxVarUIntBytes = 5;
    private const int MaxUtf8BytesPerChar = 3;
    private const byte Version = 1;

    [Flags]
    private enum Fields : byte
    {
        None = 0,
        Confirmable = 1,
        Query = 2,
        Error = 4,
        ContentFormat = 8,
        All = Confirmable | Query | Error | ContentFormat,
    }

    /// <summary>The room that <see cref="Write"/> may need, a little more than it will take.</summary>
    public static long MaxBytes(JournalRecord record)
    {
        var characters = (long)record.DeviceId.Length + record.RequestId.Length + record.Profile.Length + record.Method.Length
            + record.Path.Length + record.Peer.Length + record.ScriptRef.Length + record.ScriptVersion.Length
            + (record.Query?.Length ?? 0) + (record.Error?.Length ?? 0);

        const int lengths = 14 * MaxVarUIntBytes;
        return HeaderBytes + FixedBodyBytes + lengths + (characters * MaxUtf8BytesPerChar) + record.Payload.Length + record.Readings.Length;
    }

    /// <summary>Writes a record, and returns how many bytes it took.</summary>
    public static int Write(JournalRecord record, Span<byte> destination)
    {
        var body = destination[HeaderBytes..];
        var length = WriteBody(record, body);
        BinaryPrimitives.WriteUInt32LittleEndian(destination, (uint)length);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], Crc32C.Of(body[..length]));
        return HeaderBytes + length;
    }

    /// <summary>Reads the record that the bytes begin with.</summary>
    /// <param name="source">The record, and what follows it.</param>
    /// <param name="sequence">The record's place in the journal.</param>
    /// <param name="record">The record; null when there is an error.</param>
    /// <param name="consumed">Where the next record begins; 0 when that can't be known.</param>
    public static JournalCodecError TryRead(ReadOnlySpan<byte> source, long sequence, out JournalRecord? record, out int consumed)
    {
        record = null;
        if (!TryFrame(source, out consumed))
        {
            return JournalCodecError.Truncated;
        }

        var body = source[HeaderBytes..consumed];
        return BinaryPrimitives.ReadUInt32LittleEndian(source[4..]) == Crc32C.Of(body)
            ? ReadBody(body, sequence, out record)
            : JournalCodecError.Checksum;
    }

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

    private static int WriteBody(JournalRecord record, Span<byte> body)
    {
        var writer = new FieldWriter(body);
        writer.Byte(Version);
        writer.Byte((byte)record.Kind);
        writer.Byte((byte)record.Outcome);
        writer.Byte((byte)FieldsOf(record));
        writer.Int64(record.ReceivedAt.UtcTicks);
        writer.Text(record.DeviceId);
        writer.Text(record.RequestId);
        writer.Text(record.Profile);
        writer.Text(record.Method);
        writer.Text(record.Path);
        writer.Text(record.Peer);
        writer.Text(record.ScriptRef);
        writer.Text(record.ScriptVersion);
        if (record.Query is not null)
        {
            writer.Text(record.Query);
        }

        if (record.Error is not null)
        {
            writer.Text(record.Error);
        }

        if (record.ContentFormat is { } contentFormat)
        {
            writer.VarUInt32((uint)contentFormat);
        }

        writer.VarUInt32((uint)record.ReadingCount);
        writer.Blob(record.Payload.Span);
        writer.Blob(record.Readings.Span);
        return writer.Position;
    }

    private static Fields FieldsOf(JournalRecord record) =>
        (record.Confirmable ? Fields.Confirmable : Fields.None)
        | (record.Query is not null ? Fields.Query : Fields.None)
        | (record.Error is not null ? Fields.Error : Fields.None)
        | (record.ContentFormat is not null ? Fields.ContentFormat : Fields.None);

    private static JournalCodecError ReadBody(ReadOnlySpan<byte> body, long sequence, out JournalRecord? record)
    {
        record = null;
        var reader = new FieldReader(body);
        if (reader.Byte() is var version && version != Version)
        {
            return version > Version ? JournalCodecError.UnknownVersion : JournalCodecError.Malformed;
        }

        var kind = (JournalRecordKind)reader.Byte();
        var outcome = (FrameOutcome)reader.Byte();
        var fields = (Fields)reader.Byte();
        var ticks = reader.Int64();
        if (!Enum.IsDefined(kind) || !Enum.IsDefined(outcome) || (fields & ~Fields.All) != 0 || ticks < 0 || ticks > DateTime.MaxValue.Ticks)
        {
            return JournalCodecError.Malformed;
        }

        // An object initializer runs in the order in which it is written, which is that of the bytes.
        var read = new JournalRecord
        {
            Sequence = sequence,
            Kind = kind,
            Outcome = outcome,
            Confirmable = (fields & Fields.Confirmable) != 0,
            ReceivedAt = new DateTimeOffset(ticks, TimeSpan.Zero),
            DeviceId = reader.Text(),
            RequestId = reader.Text(),
            Profile = reader.Text(),
            Method = reader.Text(),
            Path = reader.Text(),
            Peer = reader.Text(),
            ScriptRef = reader.Text(),
            ScriptVersion = reader.Text(),
            Query = (fields & Fields.Query) != 0 ? reader.Text() : null,
            Error = (fields & Fields.Error) != 0 ? reader.Text() : null,
            ContentFormat = (fields & Fields.ContentFormat) != 0 ? (int)reader.VarUInt32() : null,
            ReadingCount = (int)reader.VarUInt32(),
            Payload = reader.Blob(),
            Readings = reader.Blob(),
        };
        if (reader.Failed || !reader.AtEnd || read.ReadingCount < 0)
        {
            return JournalCodecError.Malformed;
        }

        record = read;
        return JournalCodecError.None;
    }
}
