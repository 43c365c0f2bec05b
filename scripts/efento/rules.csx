// The rules by which an Efento sensor speaks out of turn, and their calendars.
using Gateway.Protos.Efento;

static readonly Check Condition = OneOf(
    ("disabled", 1), ("high_threshold", 2), ("low_threshold", 3), ("differential", 4), ("state_change", 5), ("logic", 6),
    ("on_measurement", 7), ("sensor_error", 8));

static readonly Check Mode = OneOf(("moving_average", 1), ("window_average", 2), ("consecutive", 3));

// What rules can compare: everything continuous whose resolution is known. By its name or its number.
static readonly Check Comparable = OneOf([.. Measures.Select((measure, type) => (measure.Index, (long)type))
    .Where(choice => Measures[choice.Item2] is { States: null, Maximum: < double.MaxValue })]);

static readonly Check RuleFields = Fields(
    1,
    ("condition", Condition),
    ("channel_mask", Whole(1, 63)),
    ("action", OneOf(("transmit", 1), ("none", 2), ("transmit_with_ack", 3), ("fast_advertising", 4))),
    ("parameters", (value, name) => ListOf(value, name, 1, 5, _ => AnyNumberOrName)));

// Each parameter is checked when the condition is known.
static JsonNode AnyNumberOrName(JsonElement value, string name) =>
    value.ValueKind is JsonValueKind.Number or JsonValueKind.String
        ? JsonNode.Parse(value.GetRawText())!
        : throw Refused(name, "a number", value);

static JsonNode Rule(JsonElement value, string name)
{
    var rule = (JsonObject)RuleFields(value, name);
    var condition = (RuleCondition)rule["condition"]!.GetValue<long>();
    if (condition == RuleCondition.Disabled)
    {
        return rule.Count == 1 ? rule : throw new CommandException($"{name} is disabled, and takes nothing but its condition");
    }

    if (!rule.ContainsKey("action") || (condition != RuleCondition.Logic && !rule.ContainsKey("channel_mask")))
    {
        throw new CommandException($"{name} must have an action and a channel_mask");
    }

    value.TryGetProperty("parameters", out var given);
    var parameters = ParametersOf(condition, given, $"{name}.parameters");
    var optional = condition == RuleCondition.OnMeasurement ? 2 : 0;
    if (parameters.Length > 0 || given.ValueKind != JsonValueKind.Undefined)
    {
        rule["parameters"] = ListOf(given, $"{name}.parameters", parameters.Length - optional, parameters.Length, i => parameters[i]);
    }

    return rule;
}

static Check[] ParametersOf(RuleCondition condition, JsonElement given, string name)
{
    var rules = Whole(1, 65535);
    var negated = Whole(0, 65535);
    var samples = Whole(1, 10);
    switch (condition)
    {
        case RuleCondition.HighThreshold or RuleCondition.LowThreshold:
            var (lowest, highest) = RangeOf(given, 4, name);
            return [Whole(lowest, highest), Whole(0, highest - lowest), Mode, samples, Comparable];
        case RuleCondition.Differential:
            var (least, most) = RangeOf(given, 3, name);
            return [Whole(1, most - least), Mode, samples, Comparable];
        case RuleCondition.Logic:
            return [OneOf(("and", 1), ("or", 2)), rules, negated, Whole(0, 864_000), Whole(0, 864_000, ("never", 864_001))];
        case RuleCondition.OnMeasurement:
            return [Whole(1, 500), rules, negated];
        default:
            return [];
    }
}

// The raw numbers that a threshold may have follow from the measurement type, which is the last parameter.
static (long Lowest, long Highest) RangeOf(JsonElement parameters, int typeAt, string name)
{
    if (parameters.ValueKind != JsonValueKind.Array || parameters.GetArrayLength() != typeAt + 1)
    {
        throw Refused(name, $"a list of {typeAt + 1}", parameters);
    }

    var measure = Measures[Comparable(parameters[typeAt], $"{name}[{typeAt}]").GetValue<long>()];

    // One channel of a total counts up to its major's limit, but rules take a million for both.
    var maximum = measure.Detail == MajorChannel || measure.Detail == MajorStatus ? 1_000_000 : measure.Maximum;
    return ((long)Math.Round(measure.Minimum * measure.Divisor), (long)Math.Round(maximum * measure.Divisor));
}

// Days, start, end, and the time zone in quarters of an hour: the earth's go from UTC-12 to UTC+14.
static readonly Check WeekParameters = Items(Whole(1, 127), Whole(0, 1439), Whole(0, 1439), Whole(-48, 56));

static readonly Check CalendarFields = Fields(
    1,
    ("type", OneOf(("disabled", 1), ("week", 2))),
    ("rule_mask", Whole(1, 65535)),
    ("parameters", WeekParameters));

static JsonNode Calendar(JsonElement value, string name)
{
    var calendar = (JsonObject)CalendarFields(value, name);
    return ((CalendarType)calendar["type"]!.GetValue<long>(), calendar.Count) switch
    {
        (CalendarType.Week, 3) or (CalendarType.Disabled, 1) => calendar,
        (CalendarType.Week, _) => throw new CommandException($"{name} must have a rule_mask and parameters"),
        _ => throw new CommandException($"{name} is disabled, and takes nothing but its type"),
    };
}
