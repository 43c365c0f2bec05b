using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;

namespace Gateway.Sinks;

/// <summary>Makes Kafka's messages of the gateway's.</summary>
internal static class KafkaMessages
{
    /// <summary>
    /// The message to send. Its timestamp is when it is sent, not when it was measured: brokers delete by it, and refuse what is too far
    /// from now, so a sensor whose clock was never set would lose its readings.
    /// </summary>
    public static Message<byte[]?, byte[]> Of(SinkMessage message) => new()
    {
        // Messages with one key are in one partition, and in order there. A key that is empty would be one device too.
        Key = message.DeviceId.Length > 0 ? Encoding.UTF8.GetBytes(message.DeviceId) : null,
        Value = message.Body.ToArray(),
        Headers =
        [
            Header("message_id", message.Id.ToString()),
            Header("kind", JsonNamingPolicy.SnakeCaseLower.ConvertName(message.Kind.ToString())),
            Header("revision", message.Revision.ToString(CultureInfo.InvariantCulture)),
            Header("content_type", message.ContentType),
        ],
    };

    private static Header Header(string name, string value) => new(name, Encoding.UTF8.GetBytes(value));
}
