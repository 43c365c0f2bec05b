// Devices that send nRF Cloud's device messages over CoAP: Nordic's Thingy:91, and nRF91 programs with the nRF Cloud CoAP library.
//
//   {"appId": "TEMP", "messageType": "DATA", "data": 21.5, "ts": 1606391700000}
//   {"appId": "GNSS", "messageType": "DATA", "data": {"lat": 59.9139, "lng": 10.7522, "acc": 12}}
//
// In CBOR such a message is a map with small numbers as keys, and several of them are an array. Every message becomes a reading, a position
// one for each of its parts. The command "message" sends a message the other way, in CBOR.
#load "lib/range.csx"
using System.Formats.Cbor;

// ----------------------------------------------------------------------------------------------- what the gateway calls

IEnumerable<Reading> parse(ReadOnlyMemory<byte> payload, DeviceConfig config)
{
    try
    {
        var messages = IsJson(payload.Span) ? JsonMessages(JsonElement.Parse(payload.Span)) : CborMessages(new CborReader(payload));
        return messages.SelectMany(ReadingsOf);
    }
    catch (Exception error) when (error is JsonException or CborContentException or InvalidOperationException or KeyNotFoundException or FormatException or OverflowException)
    {
        throw new InvalidPayloadException($"this is no device message: {error.Message}", error);
    }
}

byte[]? format_command(Command command, DeviceConfig config)
{
    if (command.CommandType != "message")
    {
        return null;
    }

    var appId = command.GetString("app_id") ?? throw new CommandException("payload.app_id is missing");
    var writer = new CborWriter();
    writer.WriteStartMap(2);
    writer.WriteInt32(AppId);
    writer.WriteTextString(appId);
    writer.WriteInt32(Data);
    switch (command.Payload.TryGetProperty("data", out var data) ? data.ValueKind : JsonValueKind.Undefined)
    {
        case JsonValueKind.String: writer.WriteTextString(command.GetString("data")!); break;
        case JsonValueKind.Number when data.TryGetInt64(out var whole): writer.WriteInt64(whole); break;
        case JsonValueKind.Number when double.IsFinite(data.GetDouble()): writer.WriteDouble(data.GetDouble()); break;
        default: throw new CommandException("payload.data must be a text or a number");
    }

    writer.WriteEndMap();
    return writer.Encode();
}

IEnumerable<CommandDescription> commands() =>
[
    new("message")
    {
        Description = "Sends a message to the device's program.",
        Schema = """
            {
              "type": "object", "required": ["app_id", "data"],
              "properties": { "app_id": { "type": "string", "minLength": 1 }, "data": { "type": ["string", "number"] } }
            }
            """,
        Example = """{"app_id": "LED", "data": 1}""",
    },
];

// ----------------------------------------------------------------------------------------------------- bytes to messages

// The keys of a message and of a position in CBOR.
const int AppId = 1, Data = 2, Timestamp = 3, FirstOfPosition = 4;

// In JSON they have names; those of a position are in the order of its keys.
static readonly string[] PositionNames = ["lat", "lng", "acc", "spd", "hdg", "alt"];

// One message: its data is a value, or a position, whose parts are in the order of their keys.
sealed record Message(string AppId, ReadingValue? Value, double?[]? Position, ulong? Milliseconds);

static bool IsJson(ReadOnlySpan<byte> payload) => payload.TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..];

static IEnumerable<Message> JsonMessages(JsonElement root) =>
    root.ValueKind == JsonValueKind.Array ? root.EnumerateArray().Select(JsonMessage).ToArray() : [JsonMessage(root)];

static Message JsonMessage(JsonElement message)
{
    var data = message.GetProperty("data");
    var isPosition = data.ValueKind == JsonValueKind.Object;
    return new Message(
        NameOf(message.GetProperty("appId").GetString()),
        isPosition ? null : JsonValue(data),
        isPosition ? [.. PositionNames.Select(name => data.TryGetProperty(name, out var part) ? Finite(part.GetDouble()) : (double?)null)] : null,
        message.TryGetProperty("ts", out var milliseconds) ? milliseconds.GetUInt64() : null);
}

static ReadingValue JsonValue(JsonElement data) =>
    data.ValueKind == JsonValueKind.String ? data.GetString() : data.TryGetInt64(out var whole) ? (ReadingValue)whole : Finite(data.GetDouble());

static List<Message> CborMessages(CborReader reader)
{
    var messages = new List<Message>();
    var isList = reader.PeekState() == CborReaderState.StartArray;
    if (isList)
    {
        reader.ReadStartArray();
    }

    while (isList ? reader.PeekState() != CborReaderState.EndArray : messages.Count == 0)
    {
        messages.Add(CborMessage(reader));
    }

    if (isList)
    {
        reader.ReadEndArray();
    }

    return reader.BytesRemaining == 0 ? messages : throw new InvalidPayloadException($"there are {reader.BytesRemaining} bytes behind the message");
}

static Message CborMessage(CborReader reader)
{
    var (appId, value, position, milliseconds) = ((string?)null, (ReadingValue?)null, (double?[]?)null, (ulong?)null);
    reader.ReadStartMap();
    while (reader.PeekState() != CborReaderState.EndMap)
    {
        switch (reader.ReadInt32())
        {
            case AppId: appId = reader.ReadTextString(); break;
            case Data when reader.PeekState() == CborReaderState.StartMap: position = CborPosition(reader); break;
            case Data when reader.PeekState() == CborReaderState.TextString: value = reader.ReadTextString(); break;
            case Data: value = CborNumber(reader); break;
            case Timestamp: milliseconds = reader.ReadUInt64(); break;
            default: reader.SkipValue(); break;
        }
    }

    reader.ReadEndMap();
    return value is null && position is null
        ? throw new InvalidPayloadException("a message has no data")
        : new Message(NameOf(appId), value, position, milliseconds);
}

static double?[] CborPosition(CborReader reader)
{
    var position = new double?[PositionNames.Length];
    reader.ReadStartMap();
    while (reader.PeekState() != CborReaderState.EndMap)
    {
        if (reader.ReadInt32() - FirstOfPosition is >= 0 and var part && part < position.Length)
        {
            position[part] = CborNumber(reader).AsDouble();
        }
        else
        {
            reader.SkipValue();
        }
    }

    reader.ReadEndMap();
    return position;
}

static ReadingValue CborNumber(CborReader reader) => reader.PeekState() is CborReaderState.UnsignedInteger or CborReaderState.NegativeInteger
    ? (ReadingValue)reader.ReadInt64()
    : Finite(reader.ReadDouble());

static string NameOf(string? appId) => string.IsNullOrWhiteSpace(appId) ? throw new InvalidPayloadException("a message has no appId") : appId;

static double Finite(double number) => double.IsFinite(number) ? number : throw new InvalidPayloadException("a number is not finite");

// -------------------------------------------------------------------------------------------------- messages to readings

// What the application ids of Nordic's own programs measure; a program may have others.
static readonly Dictionary<string, (string? Unit, double Least, double Most)> Measures = new()
{
    ["TEMP"] = ("Cel", -273.15, 1000), ["HUMID"] = ("%RH", 0, 100), ["AIR_PRESS"] = (null, 0, 2000), ["AIR_QUAL"] = ("IAQ", 0, 500), ["RSRP"] = ("dBm", -157, -44),
    ["VOLTAGE"] = ("mV", 0, 20_000),
};

// A position's parts, in the order of their keys.
static readonly (string Index, string Unit, double Least, double Most)[] Parts =
[
    ("LATITUDE", "lat", -90, 90), ("LONGITUDE", "lon", -180, 180), ("ACCURACY", "m", 0, 50_000_000), ("SPEED", "m/s", 0, 1000), ("HEADING", "deg", 0, 360),
    ("ALTITUDE", "m", -1000, 100_000),
];

static IEnumerable<Reading> ReadingsOf(Message message)
{
    var time = TimeOf(message.Milliseconds);
    if (message.Position is not { } position)
    {
        var (unit, least, most) = Measures.GetValueOrDefault(message.AppId, (null, double.MinValue, double.MaxValue));
        return [Within(least, most, new Reading(message.AppId, message.Value!.Value) { Unit = unit, Timestamp = time })];
    }

    return position[0] is null || position[1] is null
        ? throw new InvalidPayloadException("a position has no latitude or no longitude")
        : from part in position.Zip(Parts)
          where part.First is not null
          let reading = new Reading(part.Second.Index, part.First!.Value) { Unit = part.Second.Unit, Timestamp = time }
          select With("app_id", message.AppId, Within(part.Second.Least, part.Second.Most, reading));
}

static DateTimeOffset? TimeOf(ulong? milliseconds) => milliseconds switch
{
    null => null,
    <= 253_402_300_799_999 => DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds.Value),
    _ => throw new InvalidPayloadException("ts is beyond the year 9999"),
};
