using Gateway.Journal;

namespace Gateway.Sinks;

/// <summary>
/// Takes the journal's records apart into the messages that a sink wants: one for each reading, whose body is its line of JSON as it is; one
/// for a frame that could not be read, or a message that was given up; one for a step of a command.
/// </summary>
/// <param name="journal">Whose records they are. Its identity is known once it is open.</param>
/// <param name="filter">What the sink wants.</param>
internal sealed class RecordMessages(IJournal journal, SinkFilter filter)
{
    private const byte LineEnd = (byte)'\n';

    // What a sink's other side refuses is in that sink's dead letters. As a message to the sinks it could be refused again, and so on.
    private const string OfSinks = "sink/";

    public IEnumerable<SinkMessage> Of(JournalRecord record)
    {
        var kind = KindOf(record);
        return !filter.Wants(kind) ? [] : kind switch
        {
            MessageKind.Reading => Readings(record).Where(filter.Passes),
            MessageKind.CommandEvent => Single(record, kind, () => CommandEventJson.Write(record, record.Command!)),
            _ => Single(record, kind, () => ErrorJson.Write(record)),
        };
    }

    private static MessageKind KindOf(JournalRecord record) => record switch
    {
        { Kind: JournalRecordKind.Command } => MessageKind.CommandEvent,
        { Kind: JournalRecordKind.Failure } or { Outcome: not FrameOutcome.Parsed } => MessageKind.Error,
        _ => MessageKind.Reading,
    };

    private IEnumerable<SinkMessage> Readings(JournalRecord record)
    {
        var rest = record.Readings;
        for (var place = 0; !rest.IsEmpty; place++)
        {
            var end = rest.Span.IndexOf(LineEnd);
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (!line.IsEmpty)
            {
                var head = ReadingHead.Of(line.Span, record.DeviceId);
                yield return Message(record, MessageKind.Reading, place) with
                {
                    DeviceId = head.DeviceId,
                    Index = head.Index,
                    Time = head.Time ?? record.ReceivedAt,
                    Labels = head.Labels,
                    Body = line,
                };
            }
        }
    }

    private IEnumerable<SinkMessage> Single(JournalRecord record, MessageKind kind, Func<ReadOnlyMemory<byte>> body)
    {
        // The body last: most records are not for a sink of errors or of commands.
        var message = Message(record, kind, place: 0) with { Readings = 0 };
        var passes = filter.Passes(message) && !record.Source.StartsWith(OfSinks, StringComparison.Ordinal);
        return passes ? [message with { Body = body() }] : [];
    }

    private SinkMessage Message(JournalRecord record, MessageKind kind, int place) => new()
    {
        Id = new MessageId(journal.Id, record.Sequence, place),
        Kind = kind,
        DeviceId = record.DeviceId,
        Revision = record.Revision,
        Replaces = record.Revision > 0 ? MessageId.FrameOf(journal.Id, record.About) : null,
        Time = record.ReceivedAt,
        Profile = record.Profile,
        Body = default,
    };
}
