using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Journal;

/// <summary>A record as a line of JSON, for people and their tools: what is not there is left out, and bytes are hexadecimal digits.</summary>
internal static class JournalRecordJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The name of a kind, an outcome or a state, as it stands in JSON and on the command line.</summary>
    public static string NameOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <summary>Writes the record, without an end of line.</summary>
    public static void Write(IBufferWriter<byte> output, JournalRecord record)
    {
        using var json = new Utf8JsonWriter(output, Options);
        json.WriteStartObject();
        json.WriteNumber("sequence", record.Sequence);
        json.WriteString("kind", NameOf(record.Kind));
        json.WriteString("received_at", record.ReceivedAt);
        Write(json, "device_id", record.DeviceId);
        Write(json, "request_id", record.RequestId);
        Write(json, "profile", record.Profile);
        if (record.Kind is JournalRecordKind.Uplink)
        {
            WriteRequest(json, record);
        }

        if (record.Outcome is not FrameOutcome.None)
        {
            json.WriteString("outcome", NameOf(record.Outcome));
        }

        Write(json, "error", record.Error);
        Write(json, "source", record.Source);
        WriteIfAny(json, "about", record.About);
        WriteIfAny(json, "revision", record.Revision);
        Write(json, "payload", record.Payload.Span);
        if (record.Kind is JournalRecordKind.Uplink or JournalRecordKind.Reread)
        {
            WriteReadings(json, record);
        }

        if (record.Command is { } step)
        {
            WriteCommand(json, step);
        }

        json.WriteEndObject();
    }

    private static void WriteRequest(Utf8JsonWriter json, JournalRecord record)
    {
        Write(json, "method", record.Method);
        Write(json, "path", record.Path);
        Write(json, "query", record.Query);
        Write(json, "peer", record.Peer);
        Write(json, "dtls_device", record.DtlsDevice);
        if (record.ContentFormat is { } format)
        {
            json.WriteNumber("content_format", format);
        }

        json.WriteBoolean("confirmable", record.Confirmable);
    }

    private static void WriteReadings(Utf8JsonWriter json, JournalRecord record)
    {
        Write(json, "script", record.ScriptRef);
        Write(json, "script_version", record.ScriptVersion);
        json.WriteStartArray("readings");
        var rest = record.Readings.Span;
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)'\n') is >= 0 and var found ? found : rest.Length;
            WriteReading(json, rest[..end]);
            rest = rest[Math.Min(end + 1, rest.Length)..];
        }

        json.WriteEndArray();
    }

    // They are JSON already, and written as they are; one that is not must not spoil the line that it stands in.
    private static void WriteReading(Utf8JsonWriter json, ReadOnlySpan<byte> reading)
    {
        var reader = new Utf8JsonReader(reading);
        try
        {
            if (reader.Read() && reader.TrySkip() && !reader.Read())
            {
                json.WriteRawValue(reading, skipInputValidation: true);
                return;
            }
        }
        catch (JsonException)
        {
            json.WriteStringValue(Encoding.UTF8.GetString(reading));
            return;
        }

        json.WriteStringValue(Encoding.UTF8.GetString(reading));
    }

    private static void WriteCommand(Utf8JsonWriter json, CommandStep step)
    {
        json.WriteStartObject("command");
        json.WriteString("command_id", step.CommandId);
        Write(json, "command_type", step.CommandType);
        json.WriteString("state", NameOf(step.State));
        if (step.From is not CommandStepState.None)
        {
            json.WriteString("from", NameOf(step.From));
        }

        WriteIfAny(json, "attempt", step.Attempt);
        Write(json, "body", step.Body.Span);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            json.WriteString(name, value);
        }
    }

    private static void Write(Utf8JsonWriter json, string name, ReadOnlySpan<byte> bytes)
    {
        if (!bytes.IsEmpty)
        {
            json.WriteString(name, Convert.ToHexStringLower(bytes));
        }
    }

    private static void WriteIfAny(Utf8JsonWriter json, string name, long value)
    {
        if (value != 0)
        {
            json.WriteNumber(name, value);
        }
    }
}
