using System.Runtime.InteropServices;
using System.Text.Json;

namespace Gateway.Sinks;

/// <summary>A message as a row of the table.</summary>
internal sealed record PostgreSqlRow
{
    private const long TicksOf2000 = 630_822_816_000_000_000;

    /// <summary>The message, of which some columns are.</summary>
    public required SinkMessage Message { get; init; }

    /// <summary>All values: numbers as they are, true and false as 1 and 0, and nothing for a text.</summary>
    public double?[]? Values { get; init; }

    public string? Unit { get; init; }

    /// <summary>As JSON.</summary>
    public ReadOnlyMemory<byte>? Metadata { get; init; }

    public string? RequestId { get; init; }

    /// <summary>Microseconds since 2000, as PostgreSQL has them on the wire: what Npgsql makes of the first and the last date would be infinite.</summary>
    public long Time => (Message.Time.UtcTicks / TimeSpan.TicksPerMicrosecond) - (TicksOf2000 / TimeSpan.TicksPerMicrosecond);

    /// <summary>The first value.</summary>
    public double? Value => Values is [var first, ..] ? first : null;

    /// <summary>Makes a row. Of a body that is no such JSON it has the message's own columns, and the server says what it thinks of it.</summary>
    public static PostgreSqlRow Of(SinkMessage message)
    {
        var row = new PostgreSqlRow { Message = message };
        try
        {
            using var json = JsonDocument.Parse(message.Body);
            return json.RootElement.ValueKind is JsonValueKind.Object ? row.With(json.RootElement) : row;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // No JSON, or half of a character in a text.
            return row;
        }
    }

    private PostgreSqlRow With(JsonElement reading) => this with
    {
        Values = reading.TryGetProperty("values", out var values) && values.ValueKind is JsonValueKind.Array ? [.. values.EnumerateArray().Select(NumberOf)] : null,
        Unit = TextOf(reading, "unit"),
        Metadata = reading.TryGetProperty("metadata", out var metadata) && metadata.ValueKind is JsonValueKind.Object ? JsonMarshal.GetRawUtf8Value(metadata).ToArray() : default(ReadOnlyMemory<byte>?),
        RequestId = TextOf(reading, "request_id"),
    };

    private static string? TextOf(JsonElement reading, string name) =>
        reading.TryGetProperty(name, out var text) && text.ValueKind is JsonValueKind.String ? text.GetString() : null;

    private static double? NumberOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.TryGetDouble(out var number) && double.IsFinite(number) ? number : null,
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        _ => null,
    };
}
