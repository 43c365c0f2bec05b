// Checks of a command's payload: each says in its message what was expected, and where.

// Looks at one member of a command's payload, and gives the JSON that protobuf's own parser takes for the field of that name.
delegate JsonNode Check(JsonElement value, string name);

// An object's members; null counts as missing.
static IEnumerable<JsonProperty> Members(JsonElement value, string name) => value.ValueKind == JsonValueKind.Object
    ? value.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null)
    : throw new CommandException($"{name} must be an object");

static CommandException Refused(string name, string expected, JsonElement value) =>
    new($"{name} must be {expected}, not {(value.ValueKind == JsonValueKind.Undefined ? "missing" : value.GetRawText())}");

// A whole number from minimum to maximum, or one of the special ones, which may be given by their names as well.
static Check Whole(long minimum, long maximum, params (string Name, long Number)[] special)
{
    var choices = special.Select(choice => $"\"{choice.Name}\" ({choice.Number})");
    var expected = string.Join(" or ", minimum <= maximum ? choices.Prepend($"a whole number from {minimum} to {maximum}") : choices);
    return (value, name) =>
    {
        foreach (var choice in special)
        {
            if (value.ValueKind == JsonValueKind.String && value.ValueEquals(choice.Name))
            {
                return choice.Number;
            }
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            && ((number >= minimum && number <= maximum) || special.Any(choice => choice.Number == number))
            ? number
            : throw Refused(name, expected, value);
    };
}

static Check OneOf(params (string Name, long Number)[] choices) => Whole(1, 0, choices);

static JsonNode Yes(JsonElement value, string name) => value.ValueKind == JsonValueKind.True ? true : throw Refused(name, "true", value);

static JsonNode LightsOff(JsonElement value, string name) => Whole(0, 240, ("never", 255))(value, name);

// The sensor keeps so many bytes of a text.
static Check Text(int bytes) => (value, name) => TextOf(value, bytes) ?? throw Refused(name, $"a text of 1 to {bytes} bytes", value);

// The same for what must not be repeated in a message.
static Check SecretText(int bytes) => (value, name) =>
    TextOf(value, bytes) ?? throw new CommandException($"{name} must be a text of 1 to {bytes} bytes");

static string? TextOf(JsonElement value, int bytes) =>
    value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text && Encoding.UTF8.GetByteCount(text) <= bytes
        ? text
        : null;

// Protobuf's JSON has bytes as base64.
static Check Base64(Check text) => (value, name) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text(value, name).GetValue<string>()));

static JsonNode Key(JsonElement value, string name) =>
    TextOf(value, 32) is { } digits && digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit)
        ? Convert.ToBase64String(Convert.FromHexString(digits))
        : throw new CommandException($"{name} must be 1 to 16 bytes in hexadecimal digits; 7f takes the key away");

static Check List(int minimum, int maximum, Check item) => (value, name) => ListOf(value, name, minimum, maximum, _ => item);

static Check Items(params Check[] items) => (value, name) => ListOf(value, name, items.Length, items.Length, i => items[i]);

static Check CountedList(int maximum) => (value, name) =>
{
    var list = ListOf(value, name, 2, maximum + 1, _ => Whole(0, uint.MaxValue));
    Whole(1, list.Count - 1)(value[0], $"{name}[0]");
    return list;
};

static JsonArray ListOf(JsonElement value, string name, int minimum, int maximum, Func<int, Check> item)
{
    if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() < minimum || value.GetArrayLength() > maximum)
    {
        throw Refused(name, minimum == maximum ? $"a list of {minimum}" : $"a list of {minimum} to {maximum}", value);
    }

    return [.. value.EnumerateArray().Select((element, i) => item(i)(element, $"{name}[{i}]"))];
}

// An object with these members, of which the first ones must be there.
static Check Fields(int required, params (string Name, Check Check)[] fields) => (value, name) =>
{
    var message = new JsonObject();
    foreach (var member in Members(value, name))
    {
        var check = fields.FirstOrDefault(field => field.Name == member.Name).Check
            ?? throw new CommandException(
                $"{name}.{member.Name} is unknown: there are {string.Join(", ", fields.Select(field => field.Name))}");
        message[member.Name] = check(member.Value, $"{name}.{member.Name}");
    }

    return fields.Take(required).FirstOrDefault(field => !message.ContainsKey(field.Name)).Name is { } missing
        ? throw new CommandException($"{name}.{missing} is missing")
        : message.Count > 0 ? message : throw new CommandException($"{name} is empty");
};
