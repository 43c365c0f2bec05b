using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Sinks;

/// <summary>
/// SenML JSON: a pack for each device of a frame, or for each of its indexes.
/// <code>
/// [{"bn":"282C024FFFB3/","bt":1767323045,"message_id":"3f2a9c01b7d4e658-7-0","n":"TEMPERATURE","u":"Cel","v":21.5},
///  {"n":"TEMPERATURE","u":"Cel","v":21.7,"t":300},
///  {"n":"OK_ALARM","vb":true}]
/// </code>
/// RFC 8428 §4.6 makes records of several packs in a row one pack, because each begins with a base name and a base time of its own.
/// </summary>
/// <param name="byIndex">Whether readings of different indexes are to be apart, as a topic with <c>{index}</c> wants them.</param>
internal sealed class SenmlFormat(bool byIndex = false) : IMessageFormat
{
    public const string ContentType = "application/senml+json";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public bool KeepsLines => false;

    public IEnumerable<SinkMessage> Apply(IReadOnlyList<SinkMessage> ofRecord)
    {
        foreach (var group in ofRecord.GroupBy(message => (message.Kind, message.DeviceId, byIndex ? message.Index : null)))
        {
            SinkMessage[] messages = [.. group];

            // SenML knows measurements; whatever else is told has no form in it, and is left out.
            if (messages[0].Kind is MessageKind.Reading && Pack(messages) is { } pack)
            {
                yield return pack;
            }
        }
    }

    private static SinkMessage? Pack(SinkMessage[] messages)
    {
        var first = messages[0];
        var output = new ArrayBufferWriter<byte>(128 * messages.Length);
        using var json = new Utf8JsonWriter(output, Options);
        json.WriteStartArray();
        var records = new SenmlRecords(json, first);
        foreach (var message in messages)
        {
            records.Write(message);
        }

        json.WriteEndArray();
        json.Flush();
        return records.Count == 0 ? null : first with
        {
            Index = messages.All(message => message.Index == first.Index) ? first.Index : null,
            Labels = messages.Length == 1 ? first.Labels : [.. messages.SelectMany(message => message.Labels).Distinct()],
            Readings = messages.Length,
            ContentType = ContentType,
            Body = output.WrittenMemory,
        };
    }
}
