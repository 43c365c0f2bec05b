using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Scripting;

/// <summary>What a vector says, and what a script made of it, as a difference shows it: on one line, and not without end.</summary>
internal static class VectorText
{
    private const int Longest = 200;

    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A text in quotes, or null.</summary>
    public static string Of(string? text) => text is null ? "null" : $"\"{Short(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text))}\"";

    /// <summary>A value as JSON.</summary>
    public static string Of(JsonElement value) => Short(JsonSerializer.Serialize(value, OneLine));

    /// <summary>Why a script gave no result.</summary>
    public static string Of(ScriptFailure failure) => $"{(failure.Kind == ScriptFailureKind.Fault ? "a fault of the script" : "a refusal")}: {Of(failure.Message)}";

    /// <summary>A time in ISO 8601; one that does not say its zone is UTC.</summary>
    public static bool TryParseTime(string? text, out DateTimeOffset time) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    private static string Short(string text) => text.Length <= Longest ? text : text[..Longest] + "…";
}
