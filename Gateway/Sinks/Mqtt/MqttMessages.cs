using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using MQTTnet;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace Gateway.Sinks;

/// <summary>Makes MQTT's messages of the gateway's.</summary>
internal sealed class MqttMessages(MqttSinkSettings settings)
{
    // MQTT 5 §3.3: the fixed header, the lengths of topic and properties, the packet identifier, and the content type's own.
    private const int Overhead = 5 + 2 + 4 + 2 + 2 + 3;

    // MQTT 5 §2.2.2: a property's identifier and two lengths.
    private const int PropertyOverhead = 5;

    private readonly TopicTemplate _template = settings.Template;

    /// <summary>The message to publish; null when its topic would be too long.</summary>
    public MqttApplicationMessage? Of(SinkMessage message)
    {
        if (_template.For(message) is not { } topic)
        {
            return null;
        }

        var publication = new MqttApplicationMessage
        {
            Topic = topic,
            Payload = new ReadOnlySequence<byte>(message.Body),
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
            Retain = settings.Retain,
        };
        if (settings.Version is MqttVersion.V5)
        {
            publication.ContentType = message.ContentType;
            publication.PayloadFormatIndicator = MqttPayloadFormatIndicator.CharacterData;
            publication.UserProperties =
            [
                Property("message_id", message.Id.ToString()),
                Property("kind", JsonNamingPolicy.SnakeCaseLower.ConvertName(message.Kind.ToString())),
                Property("revision", message.Revision.ToString(CultureInfo.InvariantCulture)),
            ];
        }

        return publication;
    }

    /// <summary>How large its packet is at most; some bytes less when its lengths are short.</summary>
    public static long SizeOf(MqttApplicationMessage publication) =>
        Overhead
        + Encoding.UTF8.GetByteCount(publication.Topic)
        + Encoding.UTF8.GetByteCount(publication.ContentType ?? "")
        + (publication.UserProperties ?? []).Sum(property => PropertyOverhead + property.Name.Length + property.ValueBuffer.Length)
        + publication.Payload.Length;

    private static MqttUserProperty Property(string name, string value) => new(name, (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(value));
}
