// Milesight's NB-IoT sensors: EM300-TH, -MCS, -SLD, -ZLD, EM400-MUD, -TLD, -UDL, EM410-RDL. A header, most significant byte first,
//
//   02 | id 2 | length 2 | flag 1 | count 2 | protocol 1 | firmware 4 | hardware 4 | serial number 16 | IMEI 15 | IMSI 15 | ICCID 20 | CSQ 1 | n 2
//
// and n bytes of channels: an id, a type, and the channel's data, least significant byte first. Channels alone are read as well.
// The channels and the ranges of the values are listed in docs/devices/milesight-nb.md. Settings: "model" says what is in a history, and
// whether channel 5 tells of a leak or of a tilt; "newest_first" that the newest of several samples stands first.
#load "lib/range.csx"

// ----------------------------------------------------------------------------------------------- what the gateway calls

List<Reading> parse(ReadOnlyMemory<byte> payload, DeviceConfig config, UplinkRequest request)
{
    var reader = new ByteReader(payload);
    var frame = new Frame(config.GetString("model") ?? "");
    if (reader.Peek() == Start)
    {
        ReadHeader(ref reader, frame);
    }

    while (!reader.End && ReadChannel(ref reader, frame))
    {
    }

    frame.Date(request.ReceivedAt, config.GetBoolean("newest_first"));
    return frame.Readings;
}

string? identify(ReadOnlySpan<byte> payload, UplinkRequest request)
{
    var reader = new ByteReader(payload);
    if (reader.Peek() != Start)
    {
        return null;
    }

    reader.Skip(SerialNumberAt);
    return reader.Ascii(16).TrimEnd('\0', ' ');
}

byte[]? format_command(Command command, DeviceConfig config) => command.CommandType switch
{
    "set_report_interval" => Seconds(3, command),
    "set_collecting_interval" => Seconds(2, command),
    "reboot" => [0xFF, 0x10, 0xFF],
    _ => null,
};

IEnumerable<CommandDescription> commands() =>
[
    new("set_report_interval") { Description = "Sets the time between two messages.", Schema = SecondsSchema, Example = """{"seconds": 600}""" },
    new("set_collecting_interval") { Description = "Sets the time between two samples.", Schema = SecondsSchema, Example = """{"seconds": 60}""" },
    new("reboot") { Description = "Starts the device anew.", Schema = """{"type": "object"}""" },
];

const string SecondsSchema = """{"type": "object", "required": ["seconds"], "properties": {"seconds": {"type": "integer", "minimum": 1, "maximum": 64800}}}""";

static byte[] Seconds(byte type, Command command) => new ByteWriter()
    .UInt8(0xFF).UInt8(type).UInt16LittleEndian(command.GetInteger("seconds", 1, 64_800) ?? throw new CommandException("payload.seconds is missing"))
    .ToArray();

// ----------------------------------------------------------------------------------------------------------------- frame

const byte Start = 2;

const int SerialNumberAt = 17;

// What is read of a frame. Several samples follow each other; a new one begins where the ids of the channels do not grow.
sealed class Frame(string model)
{
    private readonly List<(Reading Reading, int? Sample)> _readings = [];
    private int _sample, _lastId;
    private int? _interval;

    public string Model { get; } = model;

    public Dictionary<string, ReadingValue> Metadata { get; } = [];

    public List<Reading> Readings => [.. _readings.Select(entry => entry.Reading)];

    public bool MeasuresDistance => Model.StartsWith("EM4", StringComparison.OrdinalIgnoreCase) || _readings.Any(entry => entry.Reading.Index == "DISTANCE");

    public void NextChannel(int id)
    {
        _sample += id <= _lastId ? 1 : 0;
        _lastId = id;
    }

    public void Collects(int seconds) => _interval = seconds;

    // What is of the frame as a whole, or has a time of its own.
    public void Tell(Reading reading) => _readings.Add((About(reading), null));

    public void Sample(Reading reading) => _readings.Add((About(reading), _sample));

    // The last sample was taken when the frame was sent, and those before it an interval apart.
    public void Date(DateTimeOffset now, bool newestFirst)
    {
        if (_interval is not { } seconds || _sample == 0)
        {
            return;
        }

        for (var i = 0; i < _readings.Count; i++)
        {
            if (_readings[i].Sample is { } sample)
            {
                var age = (newestFirst ? sample : _sample - sample) * TimeSpan.FromSeconds(seconds);
                _readings[i] = (_readings[i].Reading with { Timestamp = now - age }, sample);
            }
        }
    }

    private Reading About(Reading reading)
    {
        var metadata = new Dictionary<string, ReadingValue>(Metadata);
        foreach (var (key, value) in reading.Metadata)
        {
            metadata[key] = value;
        }

        return reading with { Metadata = metadata };
    }
}

static void ReadHeader(ref ByteReader reader, Frame frame)
{
    // The length is not right in every frame, so nothing is made of it.
    reader.Skip(9);
    frame.Metadata["firmware"] = reader.Ascii(4);
    frame.Metadata["hardware"] = reader.Ascii(4);
    frame.Metadata["serial_number"] = reader.Ascii(16).TrimEnd('\0', ' ');
    AddDigits(frame, "imei", reader.Bytes(15));
    AddDigits(frame, "imsi", reader.Bytes(15));
    AddDigits(frame, "iccid", reader.Bytes(20));

    // 3GPP 27.007, +CSQ: steps of 2 dB from -113 dBm; 99 is not known.
    if (reader.UInt8() is not 99 and var signal)
    {
        frame.Tell(Within(-113, -51, new Reading("RSSI", -113 + (2 * signal)) { Unit = "dBm" }));
    }

    var length = reader.UInt16();
    if (length != reader.Remaining)
    {
        throw new InvalidPayloadException($"the header tells of {length} bytes of channels, and {reader.Remaining} follow");
    }
}

// Without a SIM card there are none.
static void AddDigits(Frame frame, string key, byte[] digits)
{
    if (Array.TrueForAll(digits, digit => char.IsAsciiLetterOrDigit((char)digit)))
    {
        frame.Metadata[key] = Encoding.ASCII.GetString(digits);
    }
}

// -------------------------------------------------------------------------------------------------------------- channels

// False for a channel that is not known: how long it is nobody can say, so what follows can't be read either.
static bool ReadChannel(ref ByteReader reader, Frame frame)
{
    var (id, type) = (reader.UInt8(), reader.UInt8());
    if (id < 0xF0 && id != HistoryId)
    {
        frame.NextChannel(id & 0xF);
    }

    switch (id, type)
    {
        case (0x01, 0x75): frame.Tell(Within(0, 100, new Reading("BATTERY", reader.UInt8()) { Unit = "%EL" })); break;
        case (0x03, 0x67): frame.Sample(Temperature(ref reader)); break;
        case (0x83, 0x67): frame.Sample(WithAlarm(Temperature(ref reader), ref reader)); break;
        case (0x04, 0x68): frame.Sample(Humidity(ref reader)); break;
        case (0x04, 0x82): frame.Sample(Distance(ref reader)); break;
        case (0x84, 0x82): frame.Sample(WithAlarm(Distance(ref reader), ref reader)); break;
        case (0x94, 0x82): frame.Sample(WithAlarm(WithMutation(Distance(ref reader), ref reader), ref reader)); break;
        case (0xB4, 0x82): frame.Sample(WithException(Distance(ref reader), ref reader)); break;
        case (0x05, 0x00): frame.Sample(Flag(frame.MeasuresDistance ? "TILTED" : "LEAK", ref reader)); break;
        case (0x06, 0x00): frame.Sample(Flag("OPEN", ref reader)); break;
        case (0x06, 0x88): ReadPosition(ref reader, frame); break;
        case (0x06, 0xC7): frame.Sample(new Reading("RADAR_SIGNAL", reader.Int16LittleEndian().Scaled(2)) { Unit = "dBm" }); break;
        case (HistoryId, 0xCE) when HistoryOf(frame.Model) is { } history: ReadHistory(ref reader, frame, history); break;
        case (0xFF, 0x02): frame.Collects(reader.UInt16LittleEndian()); break;
        case (0xFF, 0x0B): reader.Skip(1); frame.Tell(new Reading("POWER_ON", true)); break;
        case (0xFF, 0x0D): frame.Tell(ThresholdAlarm(ref reader)); break;
        default:
            warn($"channel {id:x2} of type {type:x2} is not known: it and {reader.Remaining} bytes behind it are not read");
            return false;
    }

    return true;
}

static Reading Temperature(ref ByteReader reader) => reader.Int16LittleEndian() switch
{
    -1 => Missing("TEMPERATURE", "Cel", "sensor_exception"),
    -2 => Missing("TEMPERATURE", "Cel", "disabled"),
    var tenths => Within(-40, 125, new Reading("TEMPERATURE", tenths.Scaled(1)) { Unit = "Cel" }),
};

static Reading Humidity(ref ByteReader reader) => Within(0, 100, new Reading("HUMIDITY", reader.UInt8() / 2.0) { Unit = "%RH" });

static Reading Distance(ref ByteReader reader) => reader.UInt16LittleEndian() switch
{
    0xFFFF => Missing("DISTANCE", "mm", "sensor_exception"),
    0xFFFE => Missing("DISTANCE", "mm", "disabled"),
    0xFFFD => Missing("DISTANCE", "mm", "no_target"),
    var millimetres => Within(0, 20_000, new Reading("DISTANCE", millimetres) { Unit = "mm" }),
};

static Reading Flag(string index, ref ByteReader reader) => reader.UInt8() switch
{
    0 => new Reading(index, false),
    1 => new Reading(index, true),
    var state => Within(0, 1, new Reading(index, state)),
};

static Reading Missing(string index, string unit, string why) => new(index)
{
    Unit = unit,
    Metadata = new Dictionary<string, ReadingValue> { ["is_error"] = true, ["error"] = why },
};

static Reading WithAlarm(Reading reading, ref ByteReader reader) => reader.UInt8() switch
{
    0 => With("alarm", "released", reading),
    1 => With("alarm", "threshold", reading),
    2 => With("alarm", "mutation", reading),
    var other => With("alarm", (int)other, reading),
};

static Reading WithMutation(Reading reading, ref ByteReader reader) => With("mutation", reader.Int16LittleEndian(), reading);

static Reading WithException(Reading reading, ref ByteReader reader) => With("exception", reader.UInt8(), reading);

static void ReadPosition(ref ByteReader reader, Frame frame)
{
    var (latitude, longitude, status) = (reader.Int32LittleEndian(), reader.Int32LittleEndian(), reader.UInt8());
    var metadata = new Dictionary<string, ReadingValue>
    {
        ["motion"] = (status & 0xF) switch { 1 => "start", 2 => "moving", 3 => "stop", _ => "unknown" },
        ["geofence"] = (status >> 4) switch { 0 => "inside", 1 => "outside", 2 => "unset", _ => "unknown" },
    };
    frame.Sample(Within(-90, 90, new Reading("LATITUDE", latitude.Scaled(6)) { Unit = "lat", Metadata = metadata }));
    frame.Sample(Within(-180, 180, new Reading("LONGITUDE", longitude.Scaled(6)) { Unit = "lon", Metadata = metadata }));
}

static Reading ThresholdAlarm(ref ByteReader reader)
{
    var condition = reader.UInt8() & 7;
    var (below, above, current) = (reader.Int16LittleEndian().Scaled(1), reader.Int16LittleEndian().Scaled(1), reader.Int16LittleEndian().Scaled(1));
    return Within(-40, 125, new Reading("THRESHOLD_ALARM", current)
    {
        Unit = "Cel",
        Metadata = new Dictionary<string, ReadingValue>
        {
            ["condition"] = condition switch { 0 => "disabled", 1 => "below", 2 => "above", 3 => "within", 4 => "outside", _ => "unknown" },
            ["below"] = below,
            ["above"] = above,
        },
    });
}

// --------------------------------------------------------------------------------------------------------------- history

const byte HistoryId = 0x20;

enum Part { Temperature, Humidity, Distance, Leak, Open, Mutation, Event }

// What follows the time of a record that was kept; null where nobody knows.
static Part[]? HistoryOf(string model) => model.ToUpperInvariant() switch
{
    "EM300-TH" => [Part.Temperature, Part.Humidity],
    "EM300-MCS" => [Part.Temperature, Part.Humidity, Part.Open],
    "EM300-SLD" or "EM300-ZLD" => [Part.Temperature, Part.Humidity, Part.Leak],
    "EM410-RDL" => [Part.Distance, Part.Temperature, Part.Mutation, Part.Event],
    _ => null,
};

static void ReadHistory(ref ByteReader reader, Frame frame, Part[] parts)
{
    var time = DateTimeOffset.FromUnixTimeSeconds(reader.UInt32LittleEndian());
    foreach (var part in parts)
    {
        var reading = part switch
        {
            Part.Temperature => Temperature(ref reader),
            Part.Humidity => Humidity(ref reader),
            Part.Distance => Distance(ref reader),
            Part.Leak => Flag("LEAK", ref reader),
            Part.Open => Flag("OPEN", ref reader),
            Part.Mutation => new Reading("DISTANCE_MUTATION", reader.Int16LittleEndian()) { Unit = "mm" },
            _ => new Reading("EVENT", reader.UInt8()),
        };
        frame.Tell(With("history", true, reading) with { Timestamp = time });
    }
}
