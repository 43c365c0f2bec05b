using Gateway.Journal;

namespace Gateway.Sinks;

/// <summary>Takes the journal's records apart into messages: one for each reading, whose body is its line of JSON as it is.</summary>
/// <param name="journal">Whose records they are. Its identity is known once it is open.</param>
internal sealed class RecordMessages(IJournal journal)
{
    private const byte LineEnd = (byte)'\n';

    public IEnumerable<SinkMessage> Of(JournalRecord record) => record.Kind switch
    {
        JournalRecordKind.Uplink => Readings(record),
        _ => [],
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
                yield return Message(record, place, line);
            }
        }
    }

    private SinkMessage Message(JournalRecord record, int place, ReadOnlyMemory<byte> line)
    {
        var head = ReadingHead.Of(line.Span, record.DeviceId);
        return new SinkMessage
        {
            Id = new MessageId(journal.Id, record.Sequence, place),
            Kind = MessageKind.Reading,
            DeviceId = head.DeviceId,
            Index = head.Index,
            Time = head.Time ?? record.ReceivedAt,
            Profile = record.Profile,
            Labels = head.Labels,
            Body = line,
        };
    }
}
