using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Configuration;

/// <summary>
/// Lays overrides over the tree of the file before it is read. What the file leaves out is written into the tree where an override
/// walks through it, so that one entry of a default list or map can be changed and the others stay.
/// </summary>
internal sealed class SettingsOverrides
{
    private readonly List<SettingsProblem> _problems;
    private readonly Dictionary<string, string> _origins = [];

    private SettingsOverrides(List<SettingsProblem> problems) => _problems = problems;

    /// <summary>Applies the overrides in their order; a later one wins. Answers who brought the value at which place.</summary>
    public static IReadOnlyDictionary<string, string> Apply<T>(JsonObject tree, IEnumerable<SettingsOverride> overrides, List<SettingsProblem> problems)
    {
        var layer = new SettingsOverrides(problems);
        foreach (var one in overrides)
        {
            layer.Apply(tree, SettingsShape.Of(typeof(T)), one);
        }

        return layer._origins;
    }

    private void Apply(JsonObject tree, SettingsShape root, SettingsOverride one)
    {
        JsonNode container = tree;
        var shape = root;
        var path = "";
        for (var i = 0; i < one.Names.Count; i++)
        {
            if (Find(container, shape, path, one.Names[i], one.Origin) is not { } place)
            {
                return;
            }

            (shape, path) = (place.Shape, place.Path);
            if (i == one.Names.Count - 1)
            {
                _origins[path] = one.Origin;
                place.Put(Value(place, one));
            }
            else if (Enter(place, one.Origin) is { } next)
            {
                container = next;
            }
            else
            {
                return;
            }
        }
    }

    private Place? Find(JsonNode container, SettingsShape shape, string path, string name, string origin) => (container, shape) switch
    {
        (JsonObject parent, SectionShape section) => FindMember(parent, [section], path, name, origin),
        (JsonObject parent, UnionShape union) => name.Equals(union.Discriminator, StringComparison.OrdinalIgnoreCase)
            ? new Place(parent, union.Discriminator, SettingsPath.Member(path, union.Discriminator), new TextShape(), MayBeNull: false, null)
            : FindMember(parent, KindsOf(parent, union), path, name, origin),
        (JsonObject parent, MapShape map) => FindKey(parent, name) is var key
            ? new Place(parent, key, SettingsPath.Member(path, key), map.Item, MayBeNull: false, null) : null,
        (JsonArray parent, ListShape list) => FindItem(parent, list, path, name, origin),
        _ => null, // The file has something else here, and the reader will say so.
    };

    private Place? FindMember(JsonObject parent, IEnumerable<SectionShape> sections, string path, string name, string origin)
    {
        foreach (var section in sections)
        {
            if (section.Members.FirstOrDefault(member => member.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } member)
            {
                return new Place(parent, member.Name, SettingsPath.Member(path, member.Name), member.Shape, member.MayBeNull,
                    () => SettingsJson.ToTree(member.Get(section.CreateDefault()), member.Type));
            }
        }

        var hint = NearestName.Hint(name, sections.SelectMany(section => section.Members).Select(member => member.Name));
        return Refuse(SettingsPath.Member(path, name), "there is no such setting" + hint, origin);
    }

    // A new entry's kind may come with a later override; until then a member of any kind will do, and the reader has the last word.
    private static IEnumerable<SectionShape> KindsOf(JsonObject parent, UnionShape union) =>
        parent[union.Discriminator] is JsonValue kind && kind.TryGetValue(out string? name) && union.Kinds.TryGetValue(name, out var known)
            ? [known] : union.Kinds.Values;

    // Environment variables are written in capitals, so "FILE" finds the sink "file".
    private static string FindKey(JsonObject parent, string name) => parent.ContainsKey(name) ? name
        : parent.Select(entry => entry.Key).FirstOrDefault(key => key.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? name;

    private Place? FindItem(JsonArray parent, ListShape list, string path, string name, string origin) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= parent.Count
            ? new Place(parent, index, SettingsPath.Item(path, index), list.Item, MayBeNull: false, null)
            : Refuse(path, $"has no entry {name}: there are {parent.Count}, counted from 0, and {parent.Count} would add one", origin);

    private JsonNode? Enter(Place place, string origin)
    {
        if (place.Shape is not (SectionShape or UnionShape or MapShape or ListShape))
        {
            Refuse(place.Path, "is set as a whole: it has no parts", origin);
            return null;
        }

        if (place.Get() is { } present)
        {
            return present;
        }

        _origins.TryAdd(place.Path, origin);
        var added = place.Default?.Invoke() ?? (place.Shape is ListShape ? new JsonArray() : new JsonObject());
        place.Put(added);
        return added;
    }

    // As JSON where that is what the place takes, otherwise as it stands: --set api.address=::1 needs no quotes.
    private JsonNode? Value(Place place, SettingsOverride one)
    {
        var notes = new List<SettingsProblem>();
        if (!SettingsJson.TryParse(one.Value, place.Path, notes, out var value) || !Wants(place, value))
        {
            return JsonValue.Create(JsonSerializer.SerializeToElement(one.Value));
        }

        _problems.AddRange(notes.Select(note => note with { Origin = one.Origin }));
        return value;
    }

    private static bool Wants(Place place, JsonNode? value) => (place.Shape, value?.GetValueKind() ?? JsonValueKind.Null) switch
    {
        (_, JsonValueKind.Null) => place.MayBeNull || place.Shape is not (TextShape or ChoiceShape),
        (TextShape or ChoiceShape, var kind) => kind is JsonValueKind.String,
        _ => true,
    };

    private Place? Refuse(string path, string message, string origin)
    {
        _problems.Add(new SettingsProblem(path, message) { Origin = origin });
        return null;
    }

    /// <summary>A place in the tree, there or not yet.</summary>
    private sealed record Place(JsonNode Container, object Key, string Path, SettingsShape Shape, bool MayBeNull, Func<JsonNode?>? Default)
    {
        public JsonNode? Get() => Key is string name ? Container[name] : Key is int index && index < Container.AsArray().Count ? Container[index] : null;

        public void Put(JsonNode? value)
        {
            if (Key is string name)
            {
                Container[name] = value;
            }
            else if (Key is int index && index < Container.AsArray().Count)
            {
                Container[index] = value;
            }
            else
            {
                Container.AsArray().Add(value);
            }
        }
    }
}
