using Gateway.Journal;

namespace Gateway.Sinks;

/// <summary>
/// Takes the journal's records apart into the messages that a sink wants: one for each reading, whose body is its line of JSON as it is, or
/// one for all of a frame where the sink takes lines; one for a frame that could not be read, or a message that was given up; one for a
/// step of a command.
/// </summary>
/// <param name="journal">Whose records they are. Its identity is known once it is open.</param>
/// <param name="filter">What the sink wants.</param>
/// <param name="mostLines">How many readings of a record may come as one message whose body is their lines.</param>
internal sealed class RecordMessages(IJournal journal, SinkFilter filter, int mostLines = 1)
{
    // What a sink's other side refuses is in that sink's dead letters. As a message to the sinks it could be refused again, and so on.
    private const string OfSinks = "sink/";

    /// <summary>The messages of a record that the sink wants, in order.</summary>
    public IReadOnlyList<SinkMessage> Of(JournalRecord record)
    {
        var kind = KindOf(record);
        return !filter.Wants(kind) ? [] : kind switch
        {
            MessageKind.Reading when TogetherOf(record) is { } together => filter.Passes(together) ? [together] : [],
            MessageKind.Reading => EachOf(record),
            _ => Single(record, kind),
        };
    }

    private static MessageKind KindOf(JournalRecord record) => record switch
    {
        { Kind: JournalRecordKind.Command } => MessageKind.CommandEvent,
        { Kind: JournalRecordKind.Failure } or { Outcome: not FrameOutcome.Parsed } => MessageKind.Error,
        _ => MessageKind.Reading,
    };

    // Of a frame that was read again each line tells that it replaces another.
    private SinkMessage? TogetherOf(JournalRecord record)
    {
        if (mostLines == 1 || record.Revision > 0)
        {
            return null;
        }

        var (count, walk) = (0, new LineWalk(record.Readings));
        for (; walk.MoveNext(); count++)
        {
            if (walk.Line.IsEmpty)
            {
                return null;
            }
        }

        return count > 0 && count <= mostLines ? SinkMessage.OfReadings(record, IdOf(record, 0), count) : null;
    }

    private List<SinkMessage> EachOf(JournalRecord record)
    {
        var messages = new List<SinkMessage>(Math.Min(record.ReadingCount, record.Readings.Length));
        var replaces = ReplacedBy(record);
        var walk = new LineWalk(record.Readings);
        for (var place = 0; walk.MoveNext(); place++)
        {
            if (!walk.Line.IsEmpty && SinkMessage.OfReading(record, IdOf(record, place), replaces, walk.Line) is var message && filter.Passes(message))
            {
                messages.Add(message);
            }
        }

        return messages;
    }

    private SinkMessage[] Single(JournalRecord record, MessageKind kind)
    {
        // The body last: most records are not for a sink of errors or of commands.
        var message = Message(record, kind);
        var passes = filter.Passes(message) && !record.Source.StartsWith(OfSinks, StringComparison.Ordinal);
        return passes ? [message with { Body = kind is MessageKind.CommandEvent ? CommandEventJson.Write(record, record.Command!) : ErrorJson.Write(record) }] : [];
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
