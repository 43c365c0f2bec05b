using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Scripting.Contract;

namespace Gateway.Scripting;

/// <summary>A reading as the standardized JSON that all sinks write: one object on one line, without a line end.</summary>
internal static class ReadingJson
{
    // Seven places hold all that a DateTimeOffset has; the format drops zeros at the end, and the point with them.
    private const string TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";
    private const int LongestTimestamp = 32;

    private static readonly JsonEncodedText DeviceId = JsonEncodedText.Encode("device_id");
    private static readonly JsonEncodedText Index = JsonEncodedText.Encode("index");
    private static readonly JsonEncodedText Values = JsonEncodedText.Encode("values");
    private static readonly JsonEncodedText Unit = JsonEncodedText.Encode("unit");
    private static readonly JsonEncodedText Timestamp = JsonEncodedText.Encode("timestamp");
    private static readonly JsonEncodedText Label = JsonEncodedText.Encode("label");
    private static readonly JsonEncodedText Metadata = JsonEncodedText.Encode("metadata");
    private static readonly JsonEncodedText RequestId = JsonEncodedText.Encode("request_id");

    // Relaxed: the JSON goes to machines and logs, never into HTML, and a unit such as °C is to be read as such.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    // One per thread, because a writer is worth more memory than most readings.
    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    /// <summary>Writes a reading. What is null in it is left out.</summary>
    public static void Write(IBufferWriter<byte> output, Reading reading)
    {
        var json = _writer ??= new Utf8JsonWriter(output, Options);
        json.Reset(output);
        Write(json, reading);
        json.Flush();
    }

    /// <summary>Writes a reading as one value of a larger document.</summary>
    public static void Write(Utf8JsonWriter json, Reading reading)
    {
        json.WriteStartObject();
        WriteText(json, DeviceId, reading.DeviceId);
        json.WriteString(Index, reading.Index);
        json.WriteStartArray(Values);
        foreach (var value in reading.Values)
        {
            WriteValue(json, value);
        }

        json.WriteEndArray();
        WriteText(json, Unit, reading.Unit);
        WriteTimestamp(json, reading.Timestamp);
        json.WriteStartArray(Label);
        foreach (var label in reading.Label)
        {
            json.WriteStringValue(label);
        }

        json.WriteEndArray();
        json.WriteStartObject(Metadata);
        foreach (var (key, value) in reading.Metadata)
        {
            json.WritePropertyName(key);
            WriteValue(json, value);
        }

        json.WriteEndObject();
        WriteText(json, RequestId, reading.RequestId);
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, JsonEncodedText name, string? text)
    {
        if (text is not null)
        {
            json.WriteString(name, text);
        }
    }

    private static void WriteTimestamp(Utf8JsonWriter json, DateTimeOffset? timestamp)
    {
        if (timestamp is { } time)
        {
            Span<char> text = stackalloc char[LongestTimestamp];
            time.UtcDateTime.TryFormat(text, out var length, TimestampFormat, CultureInfo.InvariantCulture);
            json.WriteString(Timestamp, text[..length]);
        }
    }

    private static void WriteValue(Utf8JsonWriter json, ReadingValue value)
    {
        switch (value.Kind)
        {
            case ReadingValueKind.Whole:
                json.WriteNumberValue(value.AsInt64());
                break;
            case ReadingValueKind.Real:
                json.WriteNumberValue(value.AsDouble());
                break;
            case ReadingValueKind.Boolean:
                json.WriteBooleanValue(value.AsBoolean());
                break;
            default:
                json.WriteStringValue(value.ToString());
                break;
        }
    }
}
