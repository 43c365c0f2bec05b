using System.Globalization;
using System.Text.Json;

namespace Gateway.Commands;

/// <summary>What is wrong with a JSON text, in words for whoever sent it: the serializer's own name .NET types, which tell them nothing.</summary>
internal static class JsonProblem
{
    /// <summary>The place and what is wrong there.</summary>
    public static string Explain(JsonException json)
    {
        var place = string.Create(CultureInfo.InvariantCulture, $"{json.Path ?? "$"}, line {(json.LineNumber ?? 0) + 1}, byte {(json.BytePositionInLine ?? 0) + 1}");
        return $"the body cannot be read at {place}: {What(json)}";
    }

    /// <summary>What is wrong, without the place.</summary>
    public static string What(JsonException json) => json.Message switch
    {
        var text when text.Contains("could not be mapped", StringComparison.Ordinal) => "this member is not known",
        var text when text.Contains("could not be converted", StringComparison.Ordinal) => "the value has another type or form than is expected here",
        var text when text.Contains("Duplicate", StringComparison.OrdinalIgnoreCase) => "this member stands there twice",
        var text when text.Split("missing required properties including: ") is [_, var members] => $"{members.Split(" Path:", 2)[0].TrimEnd('.')} must be there",
        var text => text.Split(" Path:", 2)[0].TrimEnd('.'),
    };
}
