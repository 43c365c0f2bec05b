// Devices with an OMA LwM2M 1.1 client (Leshan, Zephyr, Anjay, Wakaama): what they send with the operation Send, and that they register.
//
// Who a device is, the gateway knows by its registration (routes with "registers" and identity "address"). What it sends to /dp is SenML, whose
// names are paths: /3303/0/5700 is the value (5700) of the first (0) temperature sensor (3303).
#load "lib/senml.csx"

IEnumerable<Reading> parse(ReadOnlyMemory<byte> payload, DeviceConfig config, UplinkRequest request) => request switch
{
    _ when request.Path.EndsWith("/dp", StringComparison.Ordinal) => Sent(payload, request),
    { Method: "DELETE" } => [new Reading("DEREGISTERED", true)],
    _ when request.Query.ContainsKey("ep") => [Registered(payload, request)],
    _ => [],
};

// OMA LwM2M 1.1 §6.4.5: what was sent is answered 2.04, and clients take no other code for a success.
UplinkResponse? respond(ReadOnlySpan<byte> payload, DeviceConfig config, UplinkRequest request) =>
    request.Path.EndsWith("/dp", StringComparison.Ordinal) ? new UplinkResponse([]) { Code = "2.04" } : null;

byte[]? format_command(Command command, DeviceConfig config) => null;

// ---------------------------------------------------------------------------------------------------------- registration

// The payload lists the device's objects as links: </1/0>,</3303/0>;ver=1.1
static Reading Registered(ReadOnlyMemory<byte> payload, UplinkRequest request)
{
    var links = new ByteReader(payload).Text(payload.Length).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    var objects = links.Select(link => link.StartsWith('<') && link.IndexOf('>') is > 0 and var end
        ? link[1..end].Trim('/')
        : throw new InvalidPayloadException($"\"{link}\" is no link such as </3303/0>"));
    return new Reading("REGISTERED", true)
    {
        Metadata = new Dictionary<string, ReadingValue>
        {
            ["endpoint"] = request.Query["ep"],
            ["lifetime"] = request.Query.GetValueOrDefault("lt", "86400"),
            ["binding"] = request.Query.GetValueOrDefault("b", "U"),
            ["lwm2m"] = request.Query.GetValueOrDefault("lwm2m", ""),
            ["objects"] = string.Join(',', objects.Where(name => name != "")),
        },
    };
}

// ------------------------------------------------------------------------------------------------------------------ send

// The objects and resources that have names here; others are called by their path. Units are those of the registry of OMA.
static readonly Dictionary<int, string> Objects = new()
{
    [3200] = "DIGITAL_INPUT", [3201] = "DIGITAL_OUTPUT", [3202] = "ANALOG_INPUT", [3203] = "ANALOG_OUTPUT", [3300] = "GENERIC_SENSOR", [3301] = "ILLUMINANCE",
    [3302] = "PRESENCE", [3303] = "TEMPERATURE", [3304] = "HUMIDITY", [3305] = "POWER_MEASUREMENT", [3306] = "ACTUATION", [3311] = "LIGHT_CONTROL", [3312] = "POWER_CONTROL",
    [3313] = "ACCELEROMETER", [3314] = "MAGNETOMETER", [3315] = "BAROMETER", [3316] = "VOLTAGE", [3317] = "CURRENT", [3318] = "FREQUENCY", [3319] = "DEPTH",
    [3320] = "PERCENTAGE", [3321] = "ALTITUDE", [3322] = "LOAD", [3323] = "PRESSURE", [3324] = "LOUDNESS", [3325] = "CONCENTRATION", [3326] = "ACIDITY",
    [3327] = "CONDUCTIVITY", [3328] = "POWER", [3329] = "POWER_FACTOR", [3330] = "DISTANCE", [3342] = "ON_OFF_SWITCH", [3347] = "PUSH_BUTTON",
};

static readonly Dictionary<int, string> Resources = new()
{
    [5500] = "STATE", [5501] = "COUNTER", [5600] = "VALUE", [5601] = "MIN_MEASURED", [5602] = "MAX_MEASURED", [5603] = "MIN_RANGE", [5604] = "MAX_RANGE", [5700] = "",
    [5702] = "X", [5703] = "Y", [5704] = "Z", [5750] = "APPLICATION_TYPE", [5800] = "ACTIVE_POWER", [5805] = "ACTIVE_ENERGY", [5850] = "ON", [5851] = "DIMMER",
};

static readonly Dictionary<(int Object, int Resource), (string Index, string? Unit)> Known = new()
{
    [(3, 0)] = ("MANUFACTURER", null), [(3, 1)] = ("MODEL", null), [(3, 2)] = ("SERIAL_NUMBER", null), [(3, 3)] = ("FIRMWARE_VERSION", null),
    [(3, 7)] = ("POWER_SOURCE_VOLTAGE", "mV"), [(3, 8)] = ("POWER_SOURCE_CURRENT", "mA"), [(3, 9)] = ("BATTERY_LEVEL", "%EL"), [(3, 10)] = ("MEMORY_FREE", "KiB"),
    [(3, 11)] = ("ERROR_CODE", null), [(3, 13)] = ("CURRENT_TIME", null), [(4, 2)] = ("RADIO_SIGNAL_STRENGTH", "dBm"), [(4, 3)] = ("LINK_QUALITY", null),
    [(4, 8)] = ("CELL_ID", null), [(6, 0)] = ("LATITUDE", "lat"), [(6, 1)] = ("LONGITUDE", "lon"), [(6, 2)] = ("ALTITUDE", "m"),
};

const int SensorUnits = 5701;

static IEnumerable<Reading> Sent(ReadOnlyMemory<byte> payload, UplinkRequest request)
{
    var sent = Resolve(RecordsIn(payload, request.ContentFormat), request.ReceivedAt).Select(measurement => (Measurement: measurement, Path: PathOf(measurement.Name))).ToList();

    // A sensor says its unit in a resource of its own.
    var units = sent.Where(entry => entry.Path.Resource == SensorUnits).GroupBy(entry => (entry.Path.Object, entry.Path.Instance))
        .ToDictionary(entries => entries.Key, entries => entries.Last().Measurement.Value?.ToString());
    foreach (var (measurement, path) in sent.Where(entry => entry.Path.Resource != SensorUnits))
    {
        var (index, unit) = Known.TryGetValue((path.Object, path.Resource), out var known) ? known : (IndexOf(path, measurement.Name), units.GetValueOrDefault((path.Object, path.Instance)));
        foreach (var reading in ReadingsOf(measurement with { Unit = measurement.Unit ?? unit }, index))
        {
            yield return With("object", path.Object, With("instance", path.Instance, With("resource", path.Resource, reading)));
        }
    }
}

// /3303/0/5700, and with the instance of a resource that has several, /3/0/7/1.
static (int Object, int Instance, int Resource) PathOf(string name)
{
    var parts = name.Split('/');
    var numbers = new int[4];
    var isPath = parts is ["", _, _, _] or ["", _, _, _, _];
    for (var i = 1; isPath && i < parts.Length; i++)
    {
        isPath = ushort.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        numbers[i - 1] = number;
    }

    return isPath ? (numbers[0], numbers[1], numbers[2]) : throw new InvalidPayloadException($"\"{name}\" is no path of a resource, such as /3303/0/5700");
}

static string IndexOf((int Object, int Instance, int Resource) path, string name) =>
    !Objects.TryGetValue(path.Object, out var measured) || !Resources.TryGetValue(path.Resource, out var resource) ? name.TrimStart('/')
    : resource == "" ? measured
    : $"{measured}_{resource}";
