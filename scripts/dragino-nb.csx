// Dragino's NB-IoT sensors, whose frames are the same over CoAP, UDP, TCP and MQTT. Most significant byte first:
//
//   +--------+---------+---------+---------+--------+------+--------------+----------------------+
//   | id 6/8 | IMSI 8? | version | battery | signal | mode | newest, time | older, time, 0..n    |
//   |        |         |    2    |    2    |   1    |  1   | by the model | by the model         |
//   +--------+---------+---------+---------+--------+------+--------------+----------------------+
//
// There are three generations of the header: an id of 6 bytes; the IMEI in 8 bytes; the IMEI and the IMSI. A frame does not say of which
// model it is: the setting "model" does. Without it a frame's length is enough where only one model has frames of it.
// The layouts and the ranges of the values are listed in docs/devices/dragino-nb.md.
#load "lib/range.csx"

// ----------------------------------------------------------------------------------------------- what the gateway calls

List<Reading> parse(ReadOnlyMemory<byte> payload, DeviceConfig config, UplinkRequest request)
{
    var reader = new ByteReader(BytesOf(payload.Span));
    var identity = IdentityOf(ref reader);
    var layout = LayoutOf(config.GetString("model"), identity.Generation, reader.Remaining);
    var (header, metadata) = HeaderOf(ref reader, identity, layout);

    var newest = RecordOf(ref reader, layout.Newest, metadata);
    List<Reading> readings = [.. header.Select(reading => reading with { Timestamp = newest.Time }), .. newest.Readings];
    if (layout.Older.Length == 0 && !reader.End)
    {
        warn($"{reader.Remaining} bytes behind the record are not described for {layout.Model}, and are not read");
        return readings;
    }

    while (!reader.End)
    {
        // A place that was never written to has no time.
        var older = RecordOf(ref reader, layout.Older, new(metadata) { ["history"] = true });
        readings.AddRange(older.Time is null ? [] : older.Readings);
    }

    return layout.Newest.Contains(PulsesPerLitre) ? WithVolumes(readings) : readings;
}

string? identify(ReadOnlyMemory<byte> payload, UplinkRequest request)
{
    var reader = new ByteReader(BytesOf(payload.Span));
    return IdentityOf(ref reader).Id;
}

byte[]? format_command(Command command, DeviceConfig config)
{
    var bytes = command.CommandType switch
    {
        "set_interval" => new ByteWriter().UInt8(1).UInt24(command.GetInteger("seconds", 60, 0xFFFFFF) ?? throw new CommandException("payload.seconds is missing")),
        "set_interrupt" => new ByteWriter().UInt8(6).UInt24(command.GetInteger("mode", 0, 3) ?? throw new CommandException("payload.mode is missing")),
        "reboot" => new ByteWriter().UInt8(4).UInt8(0xFF),
        _ => null,
    };

    // Some modems hand bytes on as they are, others as the digits that the firmware wants to see.
    return bytes is null || config.GetString("downlink") != "hex" ? bytes?.ToArray() : Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes.ToArray()));
}

IEnumerable<CommandDescription> commands() =>
[
    new("set_interval")
    {
        Description = "Sets the time between two messages.",
        Schema = """{"type": "object", "required": ["seconds"], "properties": {"seconds": {"type": "integer", "minimum": 60, "maximum": 16777215}}}""",
        Example = """{"seconds": 3600}""",
    },
    new("set_interrupt")
    {
        Description = "Sets what wakes the device: 0 nothing, 1 both edges, 2 the falling edge, 3 the rising edge.",
        Schema = """{"type": "object", "required": ["mode"], "properties": {"mode": {"type": "integer", "minimum": 0, "maximum": 3}}}""",
        Example = """{"mode": 3}""",
    },
    new("reboot") { Description = "Starts the device anew.", Schema = """{"type": "object"}""" },
];

// --------------------------------------------------------------------------------------------------------------- layouts

enum Kind { Number, Signed, Flag, Temperature, Probe }

// A field of a record: what it measures, in how many bytes, and which values it may have.
sealed record Field(string Index, int Bytes, Kind Kind = Kind.Number, string? Unit = null, int Decimals = 0, double Least = 0, double Most = double.MaxValue);

// A model's frames. Records end with their time.
sealed record Layout(string Model, int Generation, Field[] Newest, Field[] Older, bool HasMode = true);

static readonly Field
    Probe = new("PROBE_TEMPERATURE", 2, Kind.Probe, "Cel", 1, -55, 125),
    Temperature = new("TEMPERATURE", 2, Kind.Temperature, "Cel", 1, -40, 125),
    Humidity = new("HUMIDITY", 2, Kind.Number, "%RH", 1, 0, 100),
    Adc = new("ADC_VOLTAGE", 2, Kind.Number, "mV", 0, 0, 5000),
    Interrupt = new("INTERRUPT", 1, Kind.Flag, Most: 1),
    InterruptLevel = Interrupt with { Index = "INTERRUPT_LEVEL" },
    Pa4 = Interrupt with { Index = "PA4_LEVEL" },
    Pb15 = Interrupt with { Index = "PB15_LEVEL" },
    Alarm = Interrupt with { Index = "ALARM" },
    LeafMoisture = new("LEAF_MOISTURE", 2, Kind.Number, "%", 1, 0, 100),
    LeafTemperature = new("LEAF_TEMPERATURE", 2, Kind.Temperature, "Cel", 1, -50, 100),
    SoilMoisture = new("SOIL_MOISTURE", 2, Kind.Number, "%", 2, 0, 100),
    SoilTemperature = new("SOIL_TEMPERATURE", 2, Kind.Signed, "Cel", 2, -40, 85),
    Conductivity = new("SOIL_CONDUCTIVITY", 2, Kind.Number, "uS/cm", 0, 0, 20_000),
    ConductivityInTenths = Conductivity with { Decimals = 1 },
    Dielectric = new("DIELECTRIC_CONSTANT", 2, Kind.Number, null, 1, 1, 100),
    Door = Interrupt with { Index = "DOOR_OPEN" },
    OpenCount = new("OPEN_COUNT", 3),
    OpenDuration = new("LAST_OPEN_DURATION", 3),
    FlowMode = new("CALCULATION_MODE", 1),
    PulsesPerLitre = new("PULSES_PER_LITRE", 2),
    Pulses = new("PULSES", 4),
    Temperature1 = Probe with { Index = "TEMPERATURE_1" },
    Temperature2 = Probe with { Index = "TEMPERATURE_2" },
    Temperature3 = Probe with { Index = "TEMPERATURE_3" };

static readonly Layout[] Layouts =
[
    new("NBSN95", 1, [Probe, Interrupt, Adc, Temperature, Humidity], []),
    new("NSE01", 1, [SoilMoisture, SoilTemperature, Conductivity, Interrupt], []),
    new("S31-NB", 2, [Probe, Interrupt, Adc, Temperature, Humidity], [Temperature, Humidity]),
    new("S31-NB", 3, [Probe, Pa4, Interrupt, InterruptLevel, Adc, Temperature, Humidity], [Temperature, Humidity]),
    new("NLMS01", 2, [Interrupt, LeafMoisture, LeafTemperature], [LeafTemperature, LeafMoisture]),
    new("SE01-NB", 3, [Interrupt, InterruptLevel, SoilMoisture, SoilTemperature, ConductivityInTenths, Dielectric], [SoilMoisture, SoilTemperature, ConductivityInTenths, Dielectric]),
    new("DS03A-NB", 2, [Door, Alarm, OpenCount, OpenDuration], [Door, OpenCount, OpenDuration]),
    new("DS03A-NB", 3, [Door, Alarm, OpenCount, OpenDuration], [Door, OpenCount, OpenDuration]),
    new("SW3L-NB", 3, [Pa4, Pb15, Alarm, FlowMode, PulsesPerLitre, Pulses], [Pulses], HasMode: false),
    new("D2x-NB", 3, [Adc, Pa4, Interrupt, InterruptLevel, Temperature1, Temperature2, Temperature3], [Temperature1, Temperature2, Temperature3]),
];

const int TimeBytes = 4;

static int LengthOf(Field[] record) => record.Sum(field => field.Bytes) + TimeBytes;

// Behind the id and the IMSI.
static bool HasLength(Layout layout, int length) =>
    length - (layout.HasMode ? 6 : 5) - LengthOf(layout.Newest) is >= 0 and var older && (layout.Older.Length == 0 ? older == 0 : older % LengthOf(layout.Older) == 0);

static Layout LayoutOf(string? model, int generation, int length)
{
    if (model is not null)
    {
        return Array.Find(Layouts, layout => layout.Generation == generation && string.Equals(layout.Model, model, StringComparison.OrdinalIgnoreCase))
            ?? throw new InvalidPayloadException(
                $"a {model} with a header of generation {generation} is not described; the setting model takes {string.Join(", ", Layouts.Select(layout => layout.Model).Distinct())}");
    }

    var possible = Array.FindAll(Layouts, layout => layout.Generation == generation && HasLength(layout, length));
    return possible switch
    {
        [var only] => only,
        [] => throw new InvalidPayloadException($"no model with a header of generation {generation} has frames of this length"),
        _ => throw new InvalidPayloadException($"this may be a frame of {string.Join(" or ", possible.Select(layout => layout.Model))}: give the device the setting model"),
    };
}

// ---------------------------------------------------------------------------------------------------------------- header

// Some modems send the digits of the bytes. No frame of bytes looks like that: versions and flags are below the digits.
static byte[] BytesOf(ReadOnlySpan<byte> payload) =>
    payload.Length % 2 == 0 && payload.IndexOfAnyExcept(HexDigits) < 0 ? Convert.FromHexString(Encoding.ASCII.GetString(payload)) : payload.ToArray();

static readonly System.Buffers.SearchValues<byte> HexDigits = System.Buffers.SearchValues.Create("0123456789ABCDEFabcdef"u8);

// Who it is, and the generation of the header: an IMEI and an IMSI begin with an f, which fills them up to 16 digits.
static (string Id, string? Imsi, int Generation) IdentityOf(ref ByteReader reader)
{
    if (reader.Peek() < 0xF0)
    {
        return (reader.Hex(6), null, 1);
    }

    var imei = DigitsIn(reader.Hex(8)) ?? throw new InvalidPayloadException("the IMEI is not of 15 digits");
    var ahead = reader;
    if (reader.Remaining < 8 || reader.Peek() < 0xF0 || DigitsIn(ahead.Hex(8)) is not { } imsi)
    {
        return (imei, null, 2);
    }

    reader = ahead;
    return (imei, imsi, 3);
}

static string? DigitsIn(string hex) => hex[1..].All(char.IsAsciiDigit) ? hex[1..] : null;

static (List<Reading> Readings, Dictionary<string, ReadingValue> Metadata) HeaderOf(
    ref ByteReader reader, (string Id, string? Imsi, int Generation) identity, Layout layout)
{
    var metadata = new Dictionary<string, ReadingValue> { ["model"] = layout.Model, ["model_code"] = (int)reader.UInt8() };
    var firmware = reader.UInt8();
    metadata["firmware"] = $"{firmware / 100}.{firmware / 10 % 10}.{firmware % 10}";
    if (identity.Generation > 1)
    {
        metadata["imei"] = identity.Id;
    }

    if (identity.Imsi is { } imsi)
    {
        metadata["imsi"] = imsi;
    }

    List<Reading> readings = [Within(0, 5000, new Reading("BATTERY_VOLTAGE", reader.UInt16()) { Unit = "mV", Metadata = metadata })];

    // 3GPP 27.007, +CSQ: steps of 2 dB from -113 dBm; 99 is not known.
    if (reader.UInt8() is not 99 and var signal)
    {
        readings.Add(Within(-113, -51, new Reading("RSSI", -113 + (2 * signal)) { Unit = "dBm", Metadata = metadata }));
    }

    if (layout.HasMode)
    {
        var mode = reader.UInt8();
        metadata["mode"] = (int)mode;
        if (layout.Model == "NBSN95" && mode != 1)
        {
            throw new InvalidPayloadException($"the layout of mode {mode} is not described; that of mode 1 is");
        }
    }

    return (readings, metadata);
}

// --------------------------------------------------------------------------------------------------------------- records

static (DateTimeOffset? Time, List<Reading> Readings) RecordOf(ref ByteReader reader, Field[] record, Dictionary<string, ReadingValue> metadata)
{
    var values = new ReadingValue?[record.Length];
    for (var i = 0; i < record.Length; i++)
    {
        values[i] = ValueOf(ref reader, record[i]);
    }

    // A device whose clock was never set says 0.
    var seconds = reader.UInt32();
    DateTimeOffset? time = seconds == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(seconds);
    metadata = seconds == 0 ? new(metadata) { ["clock_not_set"] = true } : metadata;
    var readings = new List<Reading>();
    foreach (var (field, value) in record.Zip(values))
    {
        if (value is { } measured)
        {
            readings.Add(Within(field.Least, field.Most, new Reading(field.Index, measured) { Unit = field.Unit, Timestamp = time, Metadata = metadata }));
        }
    }

    return (time, readings);
}

// Null for a probe that is not there.
static ReadingValue? ValueOf(ref ByteReader reader, Field field)
{
    long raw = field.Bytes switch { 1 => reader.UInt8(), 2 => reader.UInt16(), 3 => reader.UInt24(), _ => reader.UInt32() };
    return field.Kind switch
    {
        Kind.Probe when raw is 0xFFFF or 0x0FFF or 0x7FFF => (ReadingValue?)null,
        Kind.Probe or Kind.Temperature => TenthsOf(raw).Scaled(1),
        Kind.Signed => ((short)raw).Scaled(field.Decimals),
        Kind.Flag when raw <= 1 => raw == 1,
        _ => field.Decimals == 0 ? (ReadingValue)raw : raw.Scaled(field.Decimals),
    };
}

// Below zero some models send the two's complement, and others an f and the magnitude: f00a is -1.0 °C. As the former, that would be below
// absolute zero, so each can be told.
static long TenthsOf(long raw) => raw is >= 0xF000 and <= 0xF4E2 ? -(raw & 0xFFF) : (short)raw;

// Behind each count of pulses the water that they stand for.
static List<Reading> WithVolumes(List<Reading> readings)
{
    var pulsesPerLitre = readings.Find(reading => reading.Index == PulsesPerLitre.Index)!.Values[0].AsDouble();
    return
    [
        .. readings.SelectMany(reading => reading.Index == Pulses.Index && pulsesPerLitre > 0
            ? new[] { reading, new Reading("WATER_METER", reading.Values[0].AsDouble() / pulsesPerLitre) { Unit = "l", Timestamp = reading.Timestamp, Metadata = reading.Metadata } }
            : [reading]),
    ];
}
