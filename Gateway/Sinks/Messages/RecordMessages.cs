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

    /// <summary>The messages of a record that the sink wants, in order.</summary>
    public IReadOnlyList<SinkMessage> Of(JournalRecord record)
    {
        var kind = KindOf(record);
        return !filter.Wants(kind) ? [] : kind switch
        {
            MessageKind.Reading => Readings(record),
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

    private List<SinkMessage> Readings(JournalRecord record)
    {
        var messages = new List<SinkMessage>(Math.Min(record.ReadingCount, record.Readings.Length));
        var replaces = ReplacedBy(record);
        var rest = record.Readings;
        for (var place = 0; !rest.IsEmpty; place++)
        {
            var end = rest.Span.IndexOf(LineEnd);
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (!line.IsEmpty && SinkMessage.OfReading(record, IdOf(record, place), replaces, line) is var message && filter.Passes(message))
            {
                messages.Add(message);
            }
        }

        return messages;
    }

    private SinkMessage[] Single(JournalRecord record, MessageKind kind, Func<ReadOnlyMemory<byte>> body)
    {
        // The body last: most records are not for a sink of errors or of commands.
        var message = Message(record, kind);
        var passes = filter.Passes(message) && !record.Source.StartsWith(OfSinks, StringComparison.Ordinal);
        return passes ? [message with { Body = body() }] : [];
    }

    private MessageId IdOf(JournalRecord record, int place) => new(journal.Id, record.Sequence, place);

    private string? ReplacedBy(JournalRecord record) => record.Revision > 0 ? MessageId.FrameOf(journal.Id, record.About) : null;

    private SinkMessage Message(JournalRecord record, MessageKind kind) => new()
    {
        Id = IdOf(record, 0),
        Kind = kind,
        DeviceId = record.DeviceId,
        Readings = 0,
        Revision = record.Revision,
        Replaces = ReplacedBy(record),
        Time = record.ReceivedAt,
        Profile = record.Profile,
        Body = default,
    };
}
