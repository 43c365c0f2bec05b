using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Sinks;

/// <summary>
/// What a sink's other side refused for good, as lines of JSON in a file. It is bounded: a full file is put aside, and takes the place of
/// the one that was put aside before. Of one loop, except for <see cref="Count"/>.
/// </summary>
internal sealed class DeadLetterFile(string path, long maxBytes, TimeProvider time)
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string _aside = path + ".1";
    private long _count = -1;

    /// <summary>How many are kept in both files. Read by any thread; the first reader counts the lines.</summary>
    public long Count
    {
        get
        {
            if (Interlocked.Read(ref _count) is >= 0 and var known)
            {
                return known;
            }

            Interlocked.CompareExchange(ref _count, LinesIn(path) + LinesIn(_aside), -1);
            return Interlocked.Read(ref _count);
        }
    }

    /// <summary>Keeps messages; when it returns they are on disk. Answers how many old ones had to go for them.</summary>
    /// <exception cref="IOException">They could not be kept.</exception>
    public long Add(IReadOnlyList<Refusal> refusals)
    {
        var count = Count;
        ReadOnlyMemory<byte>[] lines = [.. refusals.Select(Line)];
        var dropped = MakeRoom(lines.Sum(line => line.Length + 1L));
        LineFile.Append(path, lines);
        Interlocked.Exchange(ref _count, count + refusals.Count - dropped);
        return dropped;
    }

    private long MakeRoom(long bytes)
    {
        if (!File.Exists(path) || new FileInfo(path).Length + bytes <= maxBytes)
        {
            return 0;
        }

        var dropped = LinesIn(_aside);
        File.Move(path, _aside, overwrite: true);
        return dropped;
    }

    private ReadOnlyMemory<byte> Line(Refusal refusal)
    {
        var message = refusal.Message;
        var output = new ArrayBufferWriter<byte>(message.Body.Length + 512);
        using var json = new Utf8JsonWriter(output, Options);
        json.WriteStartObject();
        json.WriteString("message_id", message.Id.ToString());
        json.WriteString("refused_at", time.GetUtcNow());
        json.WriteString("reason", refusal.Reason);
        json.WriteString("kind", JsonNamingPolicy.SnakeCaseLower.ConvertName(message.Kind.ToString()));
        json.WriteString("device_id", message.DeviceId);
        json.WriteString("profile", message.Profile);
        json.WriteNumber("revision", message.Revision);
        json.WriteString("time", message.Time);
        json.WriteString("content_type", message.ContentType);
        json.WritePropertyName("body");
        json.WriteRawValue(message.Body.Span, skipInputValidation: true);
        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }

    private static long LinesIn(string file)
    {
        if (!File.Exists(file))
        {
            return 0;
        }

        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
        var buffer = new byte[64 * 1024];
        long lines = 0;
        for (var read = stream.Read(buffer); read > 0; read = stream.Read(buffer))
        {
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
        }

        return lines;
    }
}
