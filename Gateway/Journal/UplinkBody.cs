namespace Gateway.Journal;

/// <summary>
/// The body of a frame's record, version 4; and version 1, which has the readings as they are instead of folded, and is only read.
/// <code>
/// +---------+------+---------+-------+------------------------------+
/// | version | kind | outcome | flags | received at, i64 LE          |   100 ns since 0001-01-01 UTC
/// +---------+------+---------+-------+------------------------------+
/// | device id | request id | profile | method | path | peer         |   texts
/// +-----------+------------+---------+--------+------+--------------+
/// | script ref | script version | query? | error? | content format? |   those with ? if their flag is set
/// +------------+--+-------------+--------+--------+-----------------+
/// | DTLS device? |
/// +--------------+
/// | reading count | payload | readings, see <see cref="FoldedLines"/> |
/// +---------------+---------+---------------------------------------+
///
/// flags   1 confirmable · 2 query · 4 error · 8 content format · 16 DTLS device
/// </code>
/// </summary>
internal static class UplinkBody
{
    public const byte Version = 4;
    public const byte FirstVersion = 1;

    [Flags]
    private enum Fields : byte
    {
        None = 0,
        Confirmable = 1,
        Query = 2,
        Error = 4,
        ContentFormat = 8,
        DtlsDevice = 16,
        All = Confirmable | Query | Error | ContentFormat | DtlsDevice,
    }

    /// <summary>Writes it, and returns how many bytes it took.</summary>
    public static int Write(JournalRecord record, Span<byte> body)
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

        if (record.DtlsDevice is not null)
        {
            writer.Text(record.DtlsDevice);
        }

        writer.VarUInt32((uint)record.ReadingCount);
        writer.Blob(record.Payload.Span);
        FoldedLines.Write(ref writer, record.Readings.Span);
        return writer.Position;
    }

    /// <summary>Reads it; null when the fields do not fit.</summary>
    public static JournalRecord? Read(ReadOnlySpan<byte> body, long sequence, RecordMemory? memory)
    {
        var reader = new FieldReader(body, memory);
        var version = reader.Byte();
        var kind = (JournalRecordKind)reader.Byte();
        var outcome = reader.Choice<FrameOutcome>();
        var fields = (Fields)reader.Byte();
        if (kind is not JournalRecordKind.Uplink || outcome is FrameOutcome.None || (fields & ~Fields.All) != 0)
        {
            return null;
        }

        // An object initializer runs in the order in which it is written, which is that of the bytes.
        var read = new JournalRecord
        {
            Sequence = sequence,
            Kind = kind,
            Outcome = outcome,
            Confirmable = (fields & Fields.Confirmable) != 0,
            ReceivedAt = reader.Instant(),
            DeviceId = reader.Name(),
            RequestId = reader.Text(),
            Profile = reader.Name(),
            Method = reader.Name(),
            Path = reader.Name(),
            Peer = reader.Name(),
            ScriptRef = reader.Name(),
            ScriptVersion = reader.Name(),
            Query = (fields & Fields.Query) != 0 ? reader.Text() : null,
            Error = (fields & Fields.Error) != 0 ? reader.Text() : null,
            ContentFormat = (fields & Fields.ContentFormat) != 0 ? (int)reader.VarUInt32() : null,
            DtlsDevice = (fields & Fields.DtlsDevice) != 0 ? reader.Name() : null,
            ReadingCount = reader.Count(),
            Payload = reader.Blob(),
            Readings = version is FirstVersion ? reader.Blob() : FoldedLines.Read(ref reader),
        };
        return reader.Failed || !reader.AtEnd ? null : read;
    }

    private static Fields FieldsOf(JournalRecord record) =>
        (record.Confirmable ? Fields.Confirmable : Fields.None)
        | (record.Query is not null ? Fields.Query : Fields.None)
        | (record.Error is not null ? Fields.Error : Fields.None)
        | (record.ContentFormat is not null ? Fields.ContentFormat : Fields.None)
        | (record.DtlsDevice is not null ? Fields.DtlsDevice : Fields.None);
}
