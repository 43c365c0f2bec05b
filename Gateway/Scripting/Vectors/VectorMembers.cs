using System.Text.Json;

namespace Gateway.Scripting;

/// <summary>The members of one vector by their names, each with its place in the file.</summary>
internal sealed class VectorMembers
{
    private readonly Dictionary<string, (long Position, JsonElement Value)> _members = [];

    /// <summary>The names.</summary>
    public IEnumerable<string> Names => _members.Keys;

    /// <summary>A member's value; null when it is not there.</summary>
    public JsonElement? this[string name] => _members.TryGetValue(name, out var member) ? member.Value : null;

    /// <summary>Reads the object that the reader stands at, to its end.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static VectorMembers Read(ref Utf8JsonReader reader, VectorProblems problems)
    {
        var members = new VectorMembers();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var position = reader.TokenStartIndex;
            var name = NameOf(ref reader);
            reader.Read();
            var value = JsonElement.ParseValue(ref reader);
            if (name is null || !IsText(value))
            {
                problems.Add(position, "there is half of a character here: an escape \\ud800 to \\udfff that stands alone");
            }
            else if (!members._members.TryAdd(name, (position, value)))
            {
                problems.Add(position, $"{name} is given more than once");
            }
        }

        return members;
    }

    /// <summary>Where a member begins.</summary>
    public long PositionOf(string name) => _members[name].Position;

    // The grammar takes an escape for good that is no character; taking the text out throws.
    private static string? NameOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static bool IsText(JsonElement value)
    {
        try
        {
            return Texts(value).All(text => text is not null);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static IEnumerable<string?> Texts(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => Texts(member.Value).Prepend(member.Name)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Texts),
        JsonValueKind.String => [value.GetString()],
        _ => [],
    };
}
