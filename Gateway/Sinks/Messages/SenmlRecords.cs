using System.Globalization;
using System.Text.Json;

namespace Gateway.Sinks;

/// <summary>Writes the records of one pack: one for each value of each reading.</summary>
internal sealed class SenmlRecords(Utf8JsonWriter json, SinkMessage first)
{
    // RFC 8428 §4.5.3: what is less than 2^28 seconds is not since 1970 but relative to now.
    private const decimal FirstAbsoluteTime = 268435456;

    private readonly decimal _baseTime = AbsoluteOf(first.Time);

    /// <summary>How many were written.</summary>
    public int Count { get; private set; }

    /// <summary>Writes a reading. One without values leaves nothing: RFC 8428 §4.2 wants a value in each record.</summary>
    public void Write(SinkMessage message)
    {
        using var reading = Parse(message.Body);
        if (reading is null || !reading.RootElement.TryGetProperty("values", out var values) || values.ValueKind is not JsonValueKind.Array)
        {
            return;
        }

        var name = SenmlName.Escape(message.Index ?? "");
        var unit = reading.RootElement.TryGetProperty("unit", out var text) && text.ValueKind is JsonValueKind.String ? text.GetString() : null;
        var place = 0;
        foreach (var value in values.EnumerateArray())
        {
            var ofSeveral = values.GetArrayLength() > 1;
            WriteRecord(message, ofSeveral ? string.Create(CultureInfo.InvariantCulture, $"{name}/{place}") : name, unit, value);
            place++;
        }
    }

    private static JsonDocument? Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            var document = JsonDocument.Parse(line);
            return document.RootElement.ValueKind is JsonValueKind.Object ? document : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void WriteRecord(SinkMessage message, string name, string? unit, JsonElement value)
    {
        json.WriteStartObject();
        if (Count++ == 0)
        {
            json.WriteString("bn", SenmlName.BaseOf(message.DeviceId));
            json.WriteNumber("bt", _baseTime);
            json.WriteString("message_id", first.Id.ToString());
            if (first.Replaces is { } replaced)
            {
                // RFC 8428 §4.4: a receiver ignores labels that it does not know.
                json.WriteNumber("revision", first.Revision);
                json.WriteString("replaces", replaced);
            }
        }

        json.WriteString("n", name);
        WriteValue(unit, value);
        WriteTime(message.Time);
        json.WriteEndObject();
    }

    private void WriteValue(string? unit, JsonElement value)
    {
        var registered = unit is null || value.ValueKind is not JsonValueKind.Number ? null : SenmlUnits.Find(unit);
        if (registered is not null)
        {
            json.WriteString("u", registered.Name);
        }
        else if (unit is not null)
        {
            // RFC 8428 §4.4: receivers pass over a label that they do not know, and "u" has registered units only.
            json.WriteString("unit", unit);
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Number when registered is { IsAsIs: false }:
                WriteConverted(registered, value);
                break;
            case JsonValueKind.Number:
                json.WritePropertyName("v");
                value.WriteTo(json);
                break;
            case JsonValueKind.True or JsonValueKind.False:
                json.WriteBoolean("vb", value.GetBoolean());
                break;
            default:
                json.WriteString("vs", value.ValueKind is JsonValueKind.String ? value.GetString() : value.GetRawText());
                break;
        }
    }

    // In decimals, so that 3.7 V come out of 3700 mV and 101320 Pa out of 1013.2 hPa.
    private void WriteConverted(SenmlUnit unit, JsonElement value)
    {
        try
        {
            json.WriteNumber("v", unit.Convert(value.GetDecimal()));
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            json.WriteNumber("v", Math.Clamp(unit.Convert(value.GetDouble()), double.MinValue, double.MaxValue));
        }
    }

    private void WriteTime(DateTimeOffset time)
    {
        var relative = AbsoluteOf(time) - _baseTime;
        if (relative != 0)
        {
            json.WriteNumber("t", relative);
        }
    }

    // A clock that was never set says 1970, which SenML can't: such a time is 0, "now", as far as anybody knows.
    private static decimal AbsoluteOf(DateTimeOffset time) => SecondsOf(time) is >= FirstAbsoluteTime and var seconds ? seconds : 0;

    // 28 digits hold every instant to 100 ns; dividing makes no trailing zeros.
    private static decimal SecondsOf(DateTimeOffset time) => (decimal)(time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond;
}
