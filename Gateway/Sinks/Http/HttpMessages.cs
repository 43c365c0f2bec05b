using System.Buffers;

namespace Gateway.Sinks;

/// <summary>Bodies of requests out of messages, and batches out of a batch that fit into one.</summary>
internal static class HttpMessages
{
    private const string NdjsonType = "application/x-ndjson";

    /// <summary>The media type of a body with these messages, which are all of one.</summary>
    public static string ContentType(IReadOnlyList<SinkMessage> messages, HttpBody form) => form is HttpBody.Ndjson ? NdjsonType : messages[0].ContentType;

    public static byte[] Write(IReadOnlyList<SinkMessage> messages, HttpBody form)
    {
        var output = new ArrayBufferWriter<byte>(messages.Sum(message => message.Body.Length + 1) + 2);
        if (form is HttpBody.Ndjson)
        {
            foreach (var message in messages)
            {
                output.Write(message.Body.Span);
                output.Write("\n"u8);
            }
        }
        else
        {
            WriteArray(messages, output);
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>Cuts a batch where a body would become longer than a limit, or of two media types.</summary>
    public static IEnumerable<IReadOnlyList<SinkMessage>> Cut(IReadOnlyList<SinkMessage> batch, long maxBytes)
    {
        var part = new List<SinkMessage>();
        var bytes = 0L;
        foreach (var message in batch)
        {
            if (part.Count > 0 && (bytes + message.Body.Length + 1 > maxBytes || message.ContentType != part[0].ContentType))
            {
                yield return part;
                (part, bytes) = ([], 0);
            }

            part.Add(message);
            bytes += message.Body.Length + 1;
        }

        yield return part;
    }

    private static void WriteArray(IReadOnlyList<SinkMessage> messages, ArrayBufferWriter<byte> output)
    {
        // RFC 8428 §4.6: the records of packs in a row are one pack, for each brings its own base name and time.
        var packs = messages[0].ContentType == SenmlFormat.ContentType;
        var separator = "["u8;
        foreach (var message in messages)
        {
            output.Write(separator);
            output.Write(packs ? message.Body.Span[1..^1] : message.Body.Span);
            separator = ","u8;
        }

        output.Write("]"u8);
    }
}
