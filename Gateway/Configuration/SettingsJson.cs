using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Gateway.Configuration;

/// <summary>Between text, settings records and the tree that overrides are laid over.</summary>
internal static class SettingsJson
{
    /// <summary>How the records are written: the names and forms that the reader takes.</summary>
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        IndentSize = 2,
        NewLine = "\n",
    };

    /// <summary>The same in one line.</summary>
    public static JsonSerializerOptions CompactOptions { get; } = new(Options) { WriteIndented = false };

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>The tree that a text describes; false, and a problem with line and column, when it is no JSON.</summary>
    public static bool TryParse(string text, string path, List<SettingsProblem> problems, out JsonNode? tree)
    {
        tree = null;
        try
        {
            // As bytes: a text from a Windows command line may end in half of a character, which Parse(string) throws over.
            using var document = JsonDocument.Parse(Encoding.UTF8.GetBytes(text), Lenient);
            tree = ToTree(document.RootElement.Clone(), path, problems);
            return true;
        }
        catch (JsonException error)
        {
            problems.Add(new SettingsProblem(path, Locate(text, error)));
            return false;
        }
    }

    /// <summary>The tree of a record or of a member's value, with every default written out.</summary>
    public static JsonNode? ToTree(object? value, Type declaredType) =>
        ToTree(JsonSerializer.SerializeToElement(value, declaredType, Options), "", []);

    /// <summary>A value as a problem shows it: short.</summary>
    public static string Show(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject => "an object",
        JsonArray => "a list",
        _ when node.ToJsonString(Options) is { Length: > 80 } text => text[..77] + "...",
        _ => node.ToJsonString(Options),
    };

    // Not JsonNode.Parse: that one finds duplicate keys when they are first looked at, and throws.
    private static JsonNode? ToTree(JsonElement element, string path, List<SettingsProblem> problems)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                return ToObject(element, path, problems);
            case JsonValueKind.Array:
                return new JsonArray([.. element.EnumerateArray().Select((item, index) => ToTree(item, SettingsPath.Item(path, index), problems))]);
            case JsonValueKind.String when Unescape(element.GetString) is null:
                problems.Add(new SettingsProblem(path, "has half of a character: an escape \\ud800 to \\udfff that stands alone"));
                return JsonValue.Create("");
            default:
                return JsonValue.Create(element);
        }
    }

    private static JsonObject ToObject(JsonElement element, string path, List<SettingsProblem> problems)
    {
        var result = new JsonObject();
        foreach (var property in element.EnumerateObject())
        {
            if (Unescape(() => property.Name) is not { } name)
            {
                problems.Add(new SettingsProblem(path, "has a key with half of a character: an escape \\ud800 to \\udfff that stands alone"));
                continue;
            }

            var place = SettingsPath.Member(path, name);
            if (result.ContainsKey(name))
            {
                problems.Add(new SettingsProblem(place, "is given more than once"));
            }

            result[name] = ToTree(property.Value, place, problems);
        }

        return result;
    }

    // JSON's grammar allows an escape that is no character; .NET notices when the text is taken out.
    private static string? Unescape(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string Locate(string text, JsonException error)
    {
        var line = (int)(error.LineNumber ?? 0);
        var bytes = Encoding.UTF8.GetBytes(text.Split('\n').ElementAtOrDefault(line) ?? "");
        var column = Encoding.UTF8.GetCharCount(bytes, 0, (int)Math.Min(error.BytePositionInLine ?? 0, bytes.Length));
        var reason = error.Message.Split(" LineNumber: ")[0];
        return string.Create(CultureInfo.InvariantCulture, $"line {line + 1}, column {column + 1}: {reason}");
    }
}
