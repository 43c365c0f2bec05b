using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Journal;

namespace Gateway.Sinks;

/// <summary>A step of a command as JSON. <c>request_id</c> is the command's own id, which whoever queued it knows it by.</summary>
internal static class CommandEventJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ReadOnlyMemory<byte> Write(JournalRecord record, CommandStep step)
    {
        var output = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(output, Options);
        json.WriteStartObject();
        json.WriteString("device_id", record.DeviceId);
        json.WriteIfAny("profile", record.Profile);
        json.WriteString("request_id", step.CommandId);
        json.WriteIfAny("command_type", step.CommandType);
        json.WriteString("time", record.ReceivedAt);
        json.WriteString("state", JournalRecordJson.NameOf(step.State));
        if (step.From is not CommandStepState.None)
        {
            json.WriteString("from", JournalRecordJson.NameOf(step.From));
        }

        json.WriteNumber("attempt", step.Attempt);
        json.WriteIfAny("error", record.Error);
        json.WriteIfAny("exchange_id", record.RequestId);
        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }
}
