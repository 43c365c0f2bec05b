using System.Buffers;
using System.Globalization;
using System.Text;
using Gateway.Journal;

namespace Gateway.Sinks;

/// <summary>
/// The gateway's own JSON. A reading's line is passed on byte for byte, unless more is to be told, which then stands before its members: the
/// message's id, kind and revision where the way to the receiver has no other place for them; and in any case what else than a first
/// reading it is: another kind, or a revision and what it replaces.
/// </summary>
internal sealed class JsonFormat(bool withIds) : IMessageFormat
{
    public bool KeepsLines => !withIds;

    // The messages of a record are all of one kind and revision.
    public IEnumerable<SinkMessage> Apply(IReadOnlyList<SinkMessage> ofRecord) => withIds || ofRecord[0] is not { Kind: MessageKind.Reading, Revision: 0 }
        ? ofRecord.Select(message => message with { Body = Extended(message) })
        : ofRecord;

    private ReadOnlyMemory<byte> Extended(SinkMessage message)
    {
        var line = message.Body.Span;
        if (line.IsEmpty || line[0] != (byte)'{')
        {
            return message.Body;
        }

        // "{}" has no member that a comma could stand before.
        var members = "{" + string.Join(',', Members(message));
        var rest = line[1..].TrimStart((byte)' ');
        var output = new ArrayBufferWriter<byte>(members.Length + rest.Length + 1);
        Encoding.ASCII.GetBytes(members, output);
        output.Write(rest.StartsWith("}"u8) ? [] : ","u8);
        output.Write(rest);
        return output.WrittenMemory;
    }

    // Ids, kinds and numbers need no escaping.
    private IEnumerable<string> Members(SinkMessage message)
    {
        if (withIds)
        {
            yield return $"\"message_id\":\"{message.Id}\"";
        }

        if (withIds || message.Kind is not MessageKind.Reading)
        {
            yield return $"\"kind\":\"{JournalRecordJson.NameOf(message.Kind)}\"";
        }

        if (withIds || message.Revision > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"\"revision\":{message.Revision}");
        }

        if (message.Replaces is { } replaced)
        {
            yield return $"\"replaces\":\"{replaced}\"";
        }
    }
}
