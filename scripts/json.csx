// Devices that send plain JSON: an object whose members are what was measured, or a list of such objects.
//
//   {"temperature": 21.5, "door": true, "timestamp": "2026-01-31T12:00:00Z"}
//
// Every member becomes a reading of that name. A timestamp, in ISO 8601 or as seconds or milliseconds since 1970, is the time of all of them.
// Who the device is, the route knows. The command "set" sends the command's payload as it is.
//
// What the members are, the setting "measurements" can say; a value that is not within its bounds is flagged:
//
//   {"temperature": {"unit": "Cel", "least": -40, "most": 85}}

List<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config, UplinkRequest request)
{
    try
    {
        var root = JsonElement.Parse(payload);
        IEnumerable<JsonElement> measurements = root.ValueKind == JsonValueKind.Array ? root.EnumerateArray() : [root];
        return [.. measurements.SelectMany(measurement => ReadingsOf(measurement, config))];
    }
    catch (Exception error) when (error is JsonException or InvalidOperationException)
    {
        throw new InvalidPayloadException($"the payload must be a JSON object, or a list of objects: {error.Message}", error);
    }
}

byte[]? format_command(Command command, DeviceConfig config, UplinkRequest? request) => command.CommandType switch
{
    "set" when command.Payload.ValueKind == JsonValueKind.Object => Encoding.UTF8.GetBytes(command.Payload.GetRawText()),
    "set" => throw new CommandException("payload must be an object with what is to be set"),
    _ => null,
};

IEnumerable<CommandDescription> commands() =>
[
    new("set")
    {
        Description = "Sends the payload to the device as it is.",
        Schema = """{"type": "object"}""",
        Example = """{"interval": 60}""",
    },
];

static IEnumerable<Reading> ReadingsOf(JsonElement measurement, DeviceConfig config)
{
    DateTimeOffset? time = measurement.TryGetProperty("timestamp", out var timestamp) ? TimeOf(timestamp) : null;
    foreach (var member in measurement.EnumerateObject())
    {
        if (member.Name != "timestamp" && ValueOf(member) is { } value)
        {
            yield return Described(new Reading(member.Name, value) { Timestamp = time }, config);
        }
    }
}

static Reading Described(Reading reading, DeviceConfig config)
{
    if (Member(config.Settings.GetValueOrDefault("measurements"), reading.Index, JsonValueKind.Object) is not { } known)
    {
        return reading;
    }

    var described = reading with { Unit = Member(known, "unit", JsonValueKind.String)?.GetString() };
    var isNumber = reading.Values[0].Kind is ReadingValueKind.Whole or ReadingValueKind.Real;
    return isNumber && (reading.Values[0].AsDouble() < Bound(known, "least", double.MinValue) || reading.Values[0].AsDouble() > Bound(known, "most", double.MaxValue))
        ? described with { Metadata = new Dictionary<string, ReadingValue> { ["out_of_range"] = true } }
        : described;
}

static double Bound(JsonElement measurement, string name, double none) => Member(measurement, name, JsonValueKind.Number)?.GetDouble() ?? none;

// A member of a setting; null where there is none of this kind.
static JsonElement? Member(JsonElement owner, string name, JsonValueKind kind) =>
    owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var member) && member.ValueKind == kind ? member : null;

static ReadingValue? ValueOf(JsonProperty member) => member.Value.ValueKind switch
{
    _ when string.IsNullOrWhiteSpace(member.Name) => throw new InvalidPayloadException("a member has no name"),
    JsonValueKind.Number when member.Value.TryGetInt64(out var whole) => whole,
    JsonValueKind.Number when double.IsFinite(member.Value.GetDouble()) => member.Value.GetDouble(),
    JsonValueKind.True or JsonValueKind.False => member.Value.GetBoolean(),
    JsonValueKind.String => member.Value.GetString(),
    JsonValueKind.Null => null,
    _ => throw new InvalidPayloadException($"{member.Name} must be a number, true, false or a text"),
};

static DateTimeOffset TimeOf(JsonElement timestamp) => timestamp.ValueKind switch
{
    JsonValueKind.String when IsTime(timestamp.GetString(), out var time) => time,
    // Up to the year 5138 the number of seconds is less than 10^11; that of milliseconds is more since 1973.
    JsonValueKind.Number when timestamp.TryGetDouble(out var seconds) && seconds is >= 0 and < 1e11 => DateTimeOffset.UnixEpoch.AddSeconds(seconds),
    JsonValueKind.Number when timestamp.TryGetDouble(out var milliseconds) && milliseconds is >= 1e11 and < 1e14 => DateTimeOffset.UnixEpoch.AddMilliseconds(milliseconds),
    _ => throw new InvalidPayloadException("timestamp must be a time in ISO 8601, or seconds or milliseconds since 1970"),
};

// A time that does not say its zone is taken as UTC.
static bool IsTime(string? text, out DateTimeOffset time) =>
    DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
