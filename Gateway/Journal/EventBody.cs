namespace Gateway.Journal;

/// <summary>
/// The body of all records but a frame's, version 3. Version 2 had no message with commands.
/// <code>
///          +---------+------+-------+--------------------------------+
///          | version | kind | flags | at, i64 LE                     |   100 ns since 0001-01-01 UTC
///          +---------+------+-------+--------------------------------+
///          | device id | request id | profile | error?               |   texts; error if its flag is set
///          +-----------+------------+---------+----------------------+
///
/// reread   | about | revision | outcome u8 | script ref | script version | reading count | readings |
/// command  | state u8 | from u8 | attempt | command id | command type | body | message               |
/// failure  | about | source | payload                                                              |
///
/// flags    1 error
/// </code>
/// </summary>
internal static class EventBody
{
    public const byte Version = 3;

    /// <summary>The oldest version that is read.</summary>
    public const byte OldestVersion = 2;

    private const byte HasError = 1;

    /// <summary>Writes it, and returns how many bytes it took.</summary>
    /// <exception cref="ArgumentException">The record lacks what its kind must have.</exception>
    public static int Write(JournalRecord record, Span<byte> body)
    {
        var writer = new FieldWriter(body);
        writer.Byte(Version);
        writer.Byte((byte)record.Kind);
        writer.Byte(record.Error is null ? (byte)0 : HasError);
        writer.Int64(record.ReceivedAt.UtcTicks);
        writer.Text(record.DeviceId);
        writer.Text(record.RequestId);
        writer.Text(record.Profile);
        if (record.Error is not null)
        {
            writer.Text(record.Error);
        }

        switch (record.Kind)
        {
            case JournalRecordKind.Reread:
                WriteReread(ref writer, record);
                break;
            case JournalRecordKind.Command:
                WriteCommand(ref writer, record.Command ?? throw new ArgumentException("a command's record needs its step", nameof(record)));
                break;
            case JournalRecordKind.Failure:
                writer.VarUInt64((ulong)record.About);
                writer.Text(record.Source);
                writer.Blob(record.Payload.Span);
                break;
            default:
                throw new ArgumentException($"{record.Kind} is no kind of event", nameof(record));
        }

        return writer.Position;
    }

    /// <summary>Reads it; null when the fields do not fit.</summary>
    public static JournalRecord? Read(ReadOnlySpan<byte> body, long sequence, RecordMemory? memory)
    {
        var reader = new FieldReader(body, memory);
        var version = reader.Byte();
        var kind = (JournalRecordKind)reader.Byte();
        var flags = reader.Byte();
        if (flags > HasError)
        {
            return null;
        }

        var header = new JournalRecord
        {
            Sequence = sequence,
            Kind = kind,
            ReceivedAt = reader.Instant(),
            DeviceId = reader.Text(),
            RequestId = reader.Text(),
            Profile = reader.Text(),
            Error = flags is HasError ? reader.Text() : null,
        };
        var read = kind switch
        {
            JournalRecordKind.Reread => ReadReread(ref reader, header),
            JournalRecordKind.Command => header with { Command = ReadCommand(ref reader, version) },
            JournalRecordKind.Failure => header with { About = reader.Sequence(), Source = reader.Text(), Payload = reader.Blob() },
            _ => null,
        };
        var isWhole = !reader.Failed && reader.AtEnd && read is not { Kind: JournalRecordKind.Reread, Outcome: FrameOutcome.None };
        return isWhole ? read : null;
    }

    private static void WriteReread(ref FieldWriter writer, JournalRecord record)
    {
        writer.VarUInt64((ulong)record.About);
        writer.VarUInt32((uint)record.Revision);
        writer.Byte((byte)record.Outcome);
        writer.Text(record.ScriptRef);
        writer.Text(record.ScriptVersion);
        writer.VarUInt32((uint)record.ReadingCount);
        writer.Blob(record.Readings.Span);
    }

    private static JournalRecord ReadReread(ref FieldReader reader, JournalRecord header) => header with
    {
        About = reader.Sequence(),
        Revision = reader.Count(),
        Outcome = reader.Choice<FrameOutcome>(),
        ScriptRef = reader.Text(),
        ScriptVersion = reader.Text(),
        ReadingCount = reader.Count(),
        Readings = reader.Blob(),
    };

    private static void WriteCommand(ref FieldWriter writer, CommandStep step)
    {
        writer.Byte((byte)step.State);
        writer.Byte((byte)step.From);
        writer.VarUInt32((uint)step.Attempt);
        writer.Text(step.CommandId);
        writer.Text(step.CommandType);
        writer.Blob(step.Body.Span);
        writer.Blob(step.Message.Span);
    }

    private static CommandStep ReadCommand(ref FieldReader reader, byte version) => new()
    {
        State = reader.Choice<CommandStepState>(),
        From = reader.Choice<CommandStepState>(),
        Attempt = reader.Count(),
        CommandId = reader.Text(),
        CommandType = reader.Text(),
        Body = reader.Blob(),
        Message = version > OldestVersion ? reader.Blob() : default,
    };
}
