using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Journal;

namespace Gateway.Sinks;

/// <summary>A frame that could not be read, or a message that was given up, as JSON. What is not known is left out.</summary>
internal static class ErrorJson
{
    /// <summary>What is told of a message that was given up, where a frame has its outcome.</summary>
    public const string GivenUp = "given_up";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ReadOnlyMemory<byte> Write(JournalRecord record)
    {
        var output = new ArrayBufferWriter<byte>(512 + (record.Payload.Length * 4 / 3));
        using var json = new Utf8JsonWriter(output, Options);
        json.WriteStartObject();
        json.WriteString("device_id", record.DeviceId);
        json.WriteIfAny("profile", record.Profile);
        json.WriteIfAny("request_id", record.RequestId);
        json.WriteString("time", record.ReceivedAt);
        json.WriteString("failure", record.Kind is JournalRecordKind.Failure ? GivenUp : JournalRecordJson.NameOf(record.Outcome));
        json.WriteIfAny("error", record.Error);
        json.WriteIfAny("source", record.Source);
        json.WriteIfAny("script", record.ScriptRef);
        json.WriteIfAny("script_version", record.ScriptVersion);
        json.WriteIfAny("method", record.Method);
        json.WriteIfAny("path", record.Path);
        json.WriteIfAny("query", record.Query);
        if (record.ContentFormat is { } format)
        {
            json.WriteNumber("content_format", format);
        }

        // A frame that was read again has its payload with its first record.
        if (record.Kind is not JournalRecordKind.Reread)
        {
            json.WriteBase64String("payload", record.Payload.Span);
        }

        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }

    /// <summary>Writes a member that has something to say.</summary>
    public static void WriteIfAny(this Utf8JsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            json.WriteString(name, value);
        }
    }
}
