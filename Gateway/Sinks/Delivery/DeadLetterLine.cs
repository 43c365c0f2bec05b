using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Sinks;

/// <summary>A refused message as a line of JSON, from which the message can be made again.</summary>
internal static class DeadLetterLine
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ReadOnlyMemory<byte> Write(Refusal refusal, DateTimeOffset refusedAt)
    {
        var message = refusal.Message;
        var output = new ArrayBufferWriter<byte>(message.Body.Length + 512);
        using var json = new Utf8JsonWriter(output, Options);
        json.WriteStartObject();
        json.WriteString("message_id", message.Id.ToString());
        json.WriteString("refused_at", refusedAt);
        json.WriteString("reason", refusal.Reason);
        json.WriteString("kind", JsonNamingPolicy.SnakeCaseLower.ConvertName(message.Kind.ToString()));
        json.WriteString("device_id", message.DeviceId);
        json.WriteString("profile", message.Profile);
        json.WriteNumber("revision", message.Revision);
        json.WriteIfAny("replaces", message.Replaces);
        json.WriteString("time", message.Time);
        json.WriteIfAny("index", message.Index);
        WriteLabels(json, message.Labels);
        if (message.Readings != 1)
        {
            json.WriteNumber("readings", message.Readings);
        }

        json.WriteString("content_type", message.ContentType);
        json.WritePropertyName("body");
        json.WriteRawValue(message.Body.Span, skipInputValidation: true);
        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }

    /// <summary>The message of a line; null when it is no such line.</summary>
    public static SinkMessage? Read(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var letter = document.RootElement;
            return new SinkMessage
            {
                Id = MessageId.TryParse(letter.GetProperty("message_id").GetString(), out var id) ? id : throw new FormatException("no message_id"),
                Kind = Enum.GetValues<MessageKind>().Single(kind => letter.GetProperty("kind").ValueEquals(JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString()))),
                DeviceId = letter.GetProperty("device_id").GetString() ?? "",
                Profile = letter.GetProperty("profile").GetString() ?? "",
                Revision = letter.GetProperty("revision").GetInt32(),
                Replaces = letter.TryGetProperty("replaces", out var replaces) ? replaces.GetString() : null,
                Time = letter.GetProperty("time").GetDateTimeOffset(),
                Index = letter.TryGetProperty("index", out var index) ? index.GetString() : null,
                Labels = letter.TryGetProperty("label", out var labels) ? [.. labels.EnumerateArray().Select(label => label.GetString() ?? "")] : [],
                Readings = letter.TryGetProperty("readings", out var readings) ? readings.GetInt32() : 1,
                ContentType = letter.GetProperty("content_type").GetString() ?? "",
                Body = Encoding.UTF8.GetBytes(letter.GetProperty("body").GetRawText()),
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            // Somebody has edited the file. What is no letter goes back as it is.
            return null;
        }
    }

    private static void WriteLabels(Utf8JsonWriter json, IReadOnlyList<string> labels)
    {
        if (labels.Count == 0)
        {
            return;
        }

        json.WriteStartArray("label");
        foreach (var label in labels)
        {
            json.WriteStringValue(label);
        }

        json.WriteEndArray();
    }
}
