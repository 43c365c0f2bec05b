// Devices that send SenML (RFC 8428), in JSON or CBOR.
//
//   [{"bn": "urn:dev:mac:0024befffe804ff1:", "n": "temperature", "u": "Cel", "v": 21.5}, {"n": "humidity", "u": "%RH", "v": 55}]
//
// Every resolved record becomes a reading. The device's id is the base name, unless the route knows better; what a reading is called is
// the rest of its name. The command "set" sends a pack, in the format in which the device speaks.
#load "lib/senml.csx"

IEnumerable<Reading> parse(ReadOnlyMemory<byte> payload, DeviceConfig config, UplinkRequest request) =>
    Resolve(RecordsIn(payload, request.ContentFormat), request.ReceivedAt).SelectMany(measurement => ReadingsOf(measurement, IndexOf(measurement.Name, config)));

string? identify(ReadOnlyMemory<byte> payload, UplinkRequest request)
{
    var first = RecordsIn(payload, request.ContentFormat)[0];
    return (first.Find("bn") ?? first.Find("n"))?.ToString().TrimEnd(':', '/', '-', '.');
}

byte[]? format_command(Command command, DeviceConfig config, UplinkRequest? request)
{
    if (command.CommandType != "set")
    {
        return null;
    }

    var pack = command.Payload.TryGetProperty("pack", out var given) ? given : throw new CommandException("payload.pack is missing: a SenML pack in JSON");
    var bytes = Encoding.UTF8.GetBytes(pack.GetRawText());
    try
    {
        Resolve(RecordsIn(bytes, SenmlJson), DateTimeOffset.UnixEpoch);
    }
    catch (InvalidPayloadException error)
    {
        throw new CommandException($"payload.pack: {error.Message}");
    }

    return SpeaksCbor(config, request) ? ToCbor(pack) : bytes;
}

IEnumerable<CommandDescription> commands() =>
[
    new("set")
    {
        Description = "Sends a SenML pack to the device.",
        Schema = """{"type": "object", "required": ["pack"], "properties": {"pack": {"type": "array", "items": {"type": "object"}}}}""",
        Example = """{"pack": [{"n": "led", "vb": true}]}""",
    },
];

// What the setting "format" says; without it, what the message is in that the command answers.
static bool SpeaksCbor(DeviceConfig config, UplinkRequest? request) =>
    config.GetString("format") is { } format ? format == "cbor" : request?.ContentFormat is SenmlCbor or SensmlCbor;

// What is behind the device's id; all of the name where the id is another.
static string IndexOf(string name, DeviceConfig config) =>
    name.StartsWith(config.DeviceId, StringComparison.Ordinal) && name[config.DeviceId.Length..].TrimStart(':', '/', '-', '.') is { Length: > 0 } rest ? rest : name;
