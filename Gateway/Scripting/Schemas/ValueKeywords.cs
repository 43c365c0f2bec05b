using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Scripting.Contract;

namespace Gateway.Scripting;

/// <summary>The keywords of a JSON schema that look at a single value.</summary>
internal static class ValueKeywords
{
    private const int MostListed = 12;

    // The engine that does not go back takes time in proportion to the text; this is for texts of a megabyte.
    private static readonly TimeSpan LongestMatch = TimeSpan.FromMilliseconds(50);

    private static readonly Dictionary<string, string> Types = new()
    {
        ["object"] = "an object",
        ["array"] = "a list",
        ["string"] = "a text",
        ["number"] = "a number",
        ["integer"] = "a whole number",
        ["boolean"] = "true or false",
        ["null"] = "null",
    };

    /// <summary>The rule of a keyword; null when it is none of these.</summary>
    /// <param name="keyword">The keyword.</param>
    /// <param name="argument">Its argument.</param>
    /// <param name="schema">The schema that it stands in.</param>
    /// <param name="at">Where it stands.</param>
    public static SchemaRule? Rule(string keyword, JsonElement argument, JsonElement schema, string at) => keyword switch
    {
        "type" => Type(argument, at),
        "enum" => argument.ValueKind == JsonValueKind.Array && argument.GetArrayLength() > 0
            ? OneOf([.. argument.EnumerateArray()])
            : throw new SchemaException($"{at} must be a list with something in it"),
        "const" => OneOf([argument]),
        "minimum" => Number(argument, at, RangeOf(schema) ?? $"at least {argument}", order => order >= 0),
        "maximum" => Number(argument, at, RangeOf(schema) ?? $"at most {argument}", order => order <= 0),
        "exclusiveMinimum" => Number(argument, at, $"more than {argument}", order => order > 0),
        "exclusiveMaximum" => Number(argument, at, $"less than {argument}", order => order < 0),
        "multipleOf" => MultipleOf(argument, at),
        "minLength" => Length(argument, at, "at least", (length, bound) => length >= bound),
        "maxLength" => Length(argument, at, "at most", (length, bound) => length <= bound),
        "pattern" => Pattern(argument, at),
        _ => null,
    };

    /// <summary>A keyword's argument that counts something.</summary>
    public static int Count(JsonElement argument, string at) =>
        argument.ValueKind == JsonValueKind.Number && argument.TryGetInt32(out var count) && count >= 0
            ? count
            : throw new SchemaException($"{at} must be a whole number, 0 or more");

    private static SchemaRule Type(JsonElement argument, string at)
    {
        string?[] types = argument.ValueKind == JsonValueKind.Array ? [.. argument.EnumerateArray().Select(NameOf)] : [NameOf(argument)];
        if (types.Length == 0 || types.Any(type => type is null || !Types.ContainsKey(type)))
        {
            throw new SchemaException($"{at} must be one of {string.Join(", ", Types.Keys)}, or a list of some");
        }

        var expected = $"must be {string.Join(" or ", types.Select(type => Types[type!]))}";
        return (value, place, run) =>
        {
            if (!types.Any(type => Is(value, type!)))
            {
                run.Fail(place, expected);
            }
        };
    }

    private static string? NameOf(JsonElement type) => type.ValueKind == JsonValueKind.String ? type.GetString() : null;

    private static bool Is(JsonElement value, string type) => value.ValueKind switch
    {
        JsonValueKind.Object => type == "object",
        JsonValueKind.Array => type == "array",
        JsonValueKind.String => type == "string",
        JsonValueKind.Number => type == "number" || (type == "integer" && IsWhole(value)),
        JsonValueKind.True or JsonValueKind.False => type == "boolean",
        _ => type == "null",
    };

    private static bool IsWhole(JsonElement value) => value.TryGetDecimal(out var number) ? number == decimal.Truncate(number) : Math.Floor(value.GetDouble()) == value.GetDouble();

    private static SchemaRule OneOf(JsonElement[] choices)
    {
        var listed = string.Join(", ", choices.Take(MostListed).Select(choice => Warnings.OneLine(choice.GetRawText())));
        var expected = $"must be {(choices.Length == 1 ? "" : "one of ")}{listed}{(choices.Length > MostListed ? $" and {choices.Length - MostListed} more" : "")}";
        return (value, place, run) =>
        {
            if (!choices.Any(choice => JsonElement.DeepEquals(choice, value)))
            {
                run.Fail(place, expected);
            }
        };
    }

    // Both ends are worth telling when one is passed.
    private static string? RangeOf(JsonElement schema) =>
        schema.TryGetProperty("minimum", out var minimum) && schema.TryGetProperty("maximum", out var maximum) ? $"from {minimum} to {maximum}" : null;

    private static SchemaRule Number(JsonElement argument, string at, string range, Func<int, bool> fits)
    {
        var bound = NumberOf(argument, at);
        var expected = $"must be {range}";
        return (value, place, run) =>
        {
            if (value.ValueKind == JsonValueKind.Number && !fits(Compare(value, bound)))
            {
                run.Fail(place, expected);
            }
        };
    }

    private static JsonElement NumberOf(JsonElement argument, string at) =>
        argument.ValueKind == JsonValueKind.Number && double.IsFinite(argument.GetDouble()) ? argument : throw new SchemaException($"{at} must be a number");

    private static int Compare(JsonElement left, JsonElement right) => left.TryGetDecimal(out var a) && right.TryGetDecimal(out var b)
        ? a.CompareTo(b)
        : left.GetDouble().CompareTo(right.GetDouble());

    private static SchemaRule MultipleOf(JsonElement argument, string at)
    {
        if (!NumberOf(argument, at).TryGetDecimal(out var divisor) || divisor <= 0)
        {
            throw new SchemaException($"{at} must be a number above 0");
        }

        var expected = $"must be a multiple of {argument.GetRawText()}";
        return (value, place, run) =>
        {
            if (value.ValueKind == JsonValueKind.Number && !(value.TryGetDecimal(out var number) && number % divisor == 0))
            {
                run.Fail(place, expected);
            }
        };
    }

    private static SchemaRule Length(JsonElement argument, string at, string relation, Func<int, int, bool> fits)
    {
        var bound = Count(argument, at);
        var expected = string.Create(CultureInfo.InvariantCulture, $"must have {relation} {bound} character{(bound == 1 ? "" : "s")}");
        return (value, place, run) =>
        {
            if (value.ValueKind == JsonValueKind.String && !fits(value.GetString()!.Count(part => !char.IsLowSurrogate(part)), bound))
            {
                run.Fail(place, expected);
            }
        };
    }

    private static SchemaRule Pattern(JsonElement argument, string at)
    {
        var pattern = NameOf(argument) ?? throw new SchemaException($"{at} must be a text");
        var expected = $"must match {Warnings.OneLine(pattern)}";
        var regex = Compiled(pattern, at);
        return (value, place, run) =>
        {
            if (value.ValueKind == JsonValueKind.String && !Matches(regex, value.GetString()!))
            {
                run.Fail(place, expected);
            }
        };
    }

    private static Regex Compiled(string pattern, string at)
    {
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, LongestMatch);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new SchemaException($"{at} is no regular expression that can be used here, without looking around and back: {Warnings.OneLine(exception.Message)}");
        }
    }

    private static bool Matches(Regex regex, string text)
    {
        try
        {
            return regex.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }
}
