using System.Globalization;
using System.Text.Json;

namespace Gateway.Scripting;

/// <summary>
/// Compares what a script gave with the members that a vector names; a member that it does not name may be anything.
/// Numbers are compared by their value, whatever their form; JSON's null stands for a member that must not be there.
/// </summary>
internal static class VectorComparison
{
    private static readonly JsonElement Nothing = JsonElement.Parse("null");

    /// <summary>The differences of a reading, both in the form of <see cref="ReadingJson"/>.</summary>
    public static IEnumerable<VectorDifference> OfReading(int number, JsonElement expected, JsonElement actual)
    {
        var place = string.Create(CultureInfo.InvariantCulture, $"reading {number}: ");
        return expected.EnumerateObject().SelectMany(member => member.Name switch
        {
            "metadata" => member.Value.EnumerateObject().SelectMany(inner => OfMember(place + "metadata.", inner, actual.GetProperty("metadata"), JsonElement.DeepEquals)),
            "timestamp" => OfMember(place, member, actual, AreSameTime),
            _ => OfMember(place, member, actual, JsonElement.DeepEquals),
        });
    }

    /// <summary>The differences of an answer; the payloads of both are in lower-case hexadecimal digits.</summary>
    public static IEnumerable<VectorDifference> OfResponse(JsonElement expected, JsonElement actual) => expected.ValueKind == JsonValueKind.Null
        ? [new("respond", "null", VectorText.Of(actual))]
        : expected.EnumerateObject().SelectMany(member => OfMember("respond: ", member, actual, member.Name == "payload" ? AreSameBytes : JsonElement.DeepEquals));

    private static IEnumerable<VectorDifference> OfMember(
        string place, JsonProperty expected, JsonElement owner, Func<JsonElement, JsonElement, bool> areSame)
    {
        var actual = owner.TryGetProperty(expected.Name, out var value) ? value : Nothing;
        return areSame(expected.Value, actual) ? [] : [new(place + expected.Name, VectorText.Of(expected.Value), VectorText.Of(actual))];
    }

    private static bool AreSameBytes(JsonElement expected, JsonElement actual) =>
        HexText.TryParse(expected.GetString()!, out var bytes) && actual.ValueEquals(Convert.ToHexStringLower(bytes));

    // A vector may write a time in any zone, and with or without a fraction that is zero.
    private static bool AreSameTime(JsonElement expected, JsonElement actual) =>
        VectorText.TryParseTime(expected.GetString(), out var wanted) && VectorText.TryParseTime(actual.GetString(), out var came) ? wanted == came
            : JsonElement.DeepEquals(expected, actual);
}
