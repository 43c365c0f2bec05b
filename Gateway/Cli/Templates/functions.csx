// NAME: which device sends these frames, and where its maker describes them.
//
//   byte 0-1   temperature in hundredths of a degree, with a sign, most significant byte first
//   byte 2     bit 7: the battery is low; bits 0-6: relative humidity in percent
//
// What is here is an example that works: put your device's own format in its place. NAME.vectors.json says what must come out.

IEnumerable<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config)
{
    // A frame that is too short or too long is refused, with the offset.
    var reader = new ByteReader(payload);
    var temperature = reader.Int16().Scaled(2);
    var state = reader.UInt8();
    reader.ExpectEnd();

    var metadata = new Dictionary<string, ReadingValue> { ["battery_low"] = state.Bit(7) };
    return
    [
        new Reading("TEMPERATURE", temperature) { Unit = "Cel", Metadata = metadata },
        new Reading("HUMIDITY", state.Bits(0, 7)) { Unit = "%RH", Metadata = metadata },
    ];
}

// A type of command that the device does not know is null; a payload that it can't take is a CommandException.
byte[]? format_command(Command command, DeviceConfig config) => command.CommandType switch
{
    "set_interval" => new ByteWriter()
        .UInt8(0x01)
        .UInt16(command.GetInteger("minutes", 1, 1440) ?? throw new CommandException("payload.minutes is missing"))
        .ToArray(),
    _ => null,
};

// Optional: what people and forms are shown, and what payloads are checked against when a command is queued.
IEnumerable<CommandDescription> commands() =>
[
    new("set_interval")
    {
        Description = "Sets how often the device measures.",
        Schema = """{"type": "object", "required": ["minutes"], "properties": {"minutes": {"type": "integer", "minimum": 1, "maximum": 1440}}}""",
        Example = """{"minutes": 15}""",
    },
];
