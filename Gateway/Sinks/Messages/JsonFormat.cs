using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Gateway.Sinks;

/// <summary>
/// The gateway's own JSON. Its lines are passed on byte for byte, or, where the way to the receiver has no other place for it, with the
/// message's id, kind and revision as their first members.
/// </summary>
internal sealed class JsonFormat(bool withIds) : IMessageFormat
{
    public IEnumerable<SinkMessage> Apply(IReadOnlyList<SinkMessage> ofRecord) =>
        withIds ? ofRecord.Select(message => message with { Body = WithId(message) }) : ofRecord;

    private static ReadOnlyMemory<byte> WithId(SinkMessage message)
    {
        // Ids, kinds and numbers need no escaping.
        var members = string.Create(CultureInfo.InvariantCulture,
            $"{{\"message_id\":\"{message.Id}\",\"kind\":\"{JsonNamingPolicy.SnakeCaseLower.ConvertName(message.Kind.ToString())}\",\"revision\":{message.Revision}");
        var line = message.Body.Span;
        if (line.IsEmpty || line[0] != (byte)'{')
        {
            return message.Body;
        }

        // "{}" has no member that a comma could stand before.
        var rest = line[1..].TrimStart((byte)' ');
        var output = new ArrayBufferWriter<byte>(members.Length + rest.Length + 1);
        Encoding.ASCII.GetBytes(members, output);
        output.Write(rest.StartsWith("}"u8) ? [] : ","u8);
        output.Write(rest);
        return output.WrittenMemory;
    }
}
