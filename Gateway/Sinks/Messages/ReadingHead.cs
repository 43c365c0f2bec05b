using System.Text.Json;
using Gateway.Journal;

namespace Gateway.Sinks;

/// <summary>What filters and topics ask of a reading, read off its line of JSON. What is missing there is left open.</summary>
internal readonly record struct ReadingHead(string DeviceId, string? Index, DateTimeOffset? Time, IReadOnlyList<string> Labels)
{
    /// <summary>Reads a line. Never throws: a line that is no JSON object has an empty head.</summary>
    /// <param name="line">The reading.</param>
    /// <param name="sender">The device that sent the frame, which most readings are of.</param>
    public static ReadingHead Of(ReadOnlySpan<byte> line, string sender)
    {
        var head = new ReadingHead(sender, null, null, []);
        try
        {
            var json = new Utf8JsonReader(line);
            if (json.Read() && json.TokenType is JsonTokenType.StartObject)
            {
                // In the gateway's own lines these stand before the metadata, which is most of a line.
                while (!head.IsWhole && json.Read() && json.TokenType is JsonTokenType.PropertyName)
                {
                    head = head.With(ref json);
                }
            }

            return head;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The gateway wrote the line itself, so this is a bug of it; the reading is worth delivering all the same.
            return head;
        }
    }

    private bool HasLabels { get; init; }

    private bool IsWhole => HasLabels && Index is not null && Time is not null;

    private ReadingHead With(ref Utf8JsonReader json)
    {
        if (json.ValueTextEquals("device_id"u8))
        {
            json.Read();
            return json.TokenType is JsonTokenType.String && !json.ValueTextEquals(DeviceId) ? this with { DeviceId = json.GetString()! } : this;
        }

        if (json.ValueTextEquals("index"u8))
        {
            json.Read();
            return json.TokenType is JsonTokenType.String ? this with { Index = json.ValueIsEscaped ? json.GetString() : TextCache.Of(json.ValueSpan) } : this;
        }

        if (json.ValueTextEquals("timestamp"u8))
        {
            json.Read();
            return json.TokenType is JsonTokenType.String && json.TryGetDateTimeOffset(out var time) ? this with { Time = time } : this;
        }

        if (json.ValueTextEquals("label"u8))
        {
            json.Read();
            return json.TokenType is JsonTokenType.StartArray ? this with { Labels = Texts(ref json), HasLabels = true } : this;
        }

        json.Skip();
        return this;
    }

    private static string[] Texts(ref Utf8JsonReader json)
    {
        List<string>? texts = null;
        while (json.Read() && json.TokenType is not JsonTokenType.EndArray)
        {
            if (json.TokenType is JsonTokenType.String)
            {
                (texts ??= []).Add(json.GetString()!);
            }
        }

        return texts is null ? [] : [.. texts];
    }
}
