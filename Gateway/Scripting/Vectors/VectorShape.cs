using System.Text.Json;

namespace Gateway.Scripting;

/// <summary>What a member of a vector may hold.</summary>
/// <param name="Expected">In words: "a text".</param>
/// <param name="Fits">Whether a value is of this kind.</param>
internal sealed record VectorKind(string Expected, Func<JsonElement, bool> Fits);

/// <summary>The members of a vector and of the objects within it. scripts/vectors.schema.json says the same to editors.</summary>
internal static class VectorShape
{
    private const int LongestName = 200;

    private static readonly VectorKind Text = new("a text", IsString);
    private static readonly VectorKind TextOrNull = new("a text or null", value => IsString(value) || IsNull(value));
    private static readonly VectorKind Texts = new("a list of texts", value => IsListOf(value, IsString));
    private static readonly VectorKind TextsByName = new("an object of texts", value => IsObjectOf(value, IsString));
    private static readonly VectorKind AnObject = new("an object", value => value.ValueKind == JsonValueKind.Object);
    private static readonly VectorKind ObjectOrNull = new("an object or null", value => value.ValueKind == JsonValueKind.Object || IsNull(value));
    private static readonly VectorKind Objects = new("a list of objects", value => IsListOf(value, item => item.ValueKind == JsonValueKind.Object));
    private static readonly VectorKind Hex = new("an even number of hexadecimal digits", value => IsString(value) && HexText.TryParse(value.GetString()!, out _));
    private static readonly VectorKind HexOrNull = new("an even number of hexadecimal digits, or null", value => IsNull(value) || Hex.Fits(value));
    private static readonly VectorKind Scalars = new("a list of numbers, truth values and texts", value => IsListOf(value, IsScalar));
    private static readonly VectorKind ScalarsByName = new(
        "an object of numbers, truth values, texts, and null for what must not be there", value => IsObjectOf(value, item => IsScalar(item) || IsNull(item)));

    private static readonly VectorKind Time = new(
        "a time in ISO 8601, such as \"2025-06-11T20:34:00Z\"", value => IsString(value) && VectorText.TryParseTime(value.GetString(), out _));

    private static readonly VectorKind Number16 = new("a whole number from 0 to 65535", IsNumber16);
    private static readonly VectorKind Number16OrNull = new("a whole number from 0 to 65535, or null", value => IsNumber16(value) || IsNull(value));
    private static readonly VectorKind NonEmptyText = new("a text that is not empty", value => IsString(value) && !string.IsNullOrWhiteSpace(value.GetString()));
    private static readonly VectorKind Name = new(
        $"a text of 1 to {LongestName} characters",
        value => IsString(value) && value.GetString() is { Length: > 0 and <= LongestName } name && !string.IsNullOrWhiteSpace(name));

    /// <summary>A vector with a payload.</summary>
    public static readonly IReadOnlyDictionary<string, VectorKind> Uplink = new OrderedDictionary<string, VectorKind>
    {
        ["name"] = Name,
        ["note"] = Text,
        ["payload"] = Hex,
        ["payload_text"] = Text,
        ["request"] = AnObject,
        ["config"] = AnObject,
        ["expect"] = Objects,
        ["expect_error"] = Text,
        ["expect_device_id"] = TextOrNull,
        ["expect_response"] = ObjectOrNull,
    };

    /// <summary>A vector with a command.</summary>
    public static readonly IReadOnlyDictionary<string, VectorKind> Downlink = new OrderedDictionary<string, VectorKind>
    {
        ["name"] = Name,
        ["note"] = Text,
        ["command"] = AnObject,
        ["request"] = AnObject,
        ["config"] = AnObject,
        ["expect_payload"] = HexOrNull,
        ["expect_payload_text"] = Text,
        ["expect_error"] = Text,
    };

    /// <summary>The objects within a vector, by the member that they stand in.</summary>
    public static readonly IReadOnlyDictionary<string, IReadOnlyDictionary<string, VectorKind>> Within = new Dictionary<string, IReadOnlyDictionary<string, VectorKind>>
    {
        ["request"] = new OrderedDictionary<string, VectorKind>
        {
            ["path"] = Text,
            ["method"] = Text,
            ["variables"] = TextsByName,
            ["query"] = TextsByName,
            ["content_format"] = Number16,
            ["received_at"] = Time,
        },
        ["config"] = new OrderedDictionary<string, VectorKind>
        {
            ["device_id"] = Text,
            ["settings"] = AnObject,
            ["labels"] = Texts,
            ["metadata"] = TextsByName,
        },
        ["command"] = new OrderedDictionary<string, VectorKind> { ["command_type"] = NonEmptyText, ["payload"] = AnObject },
        ["expect"] = new OrderedDictionary<string, VectorKind>
        {
            ["device_id"] = Text,
            ["index"] = Text,
            ["values"] = Scalars,
            ["unit"] = TextOrNull,
            ["timestamp"] = Time,
            ["label"] = Texts,
            ["metadata"] = ScalarsByName,
        },
        ["expect_response"] = new OrderedDictionary<string, VectorKind> { ["code"] = TextOrNull, ["payload"] = Hex, ["content_format"] = Number16OrNull },
    };

    private static bool IsString(JsonElement value) => value.ValueKind == JsonValueKind.String;

    private static bool IsNull(JsonElement value) => value.ValueKind == JsonValueKind.Null;

    private static bool IsScalar(JsonElement value) => value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False or JsonValueKind.String;

    private static bool IsNumber16(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetUInt16(out _);

    private static bool IsListOf(JsonElement value, Func<JsonElement, bool> fits) => value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(fits);

    private static bool IsObjectOf(JsonElement value, Func<JsonElement, bool> fits) =>
        value.ValueKind == JsonValueKind.Object && value.EnumerateObject().All(member => fits(member.Value));
}
