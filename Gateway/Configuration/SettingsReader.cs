using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Configuration;

/// <summary>
/// Makes the settings records of a JSON tree, and notes everything that is wrong with it. What can't be read keeps its default,
/// so that the checks that come after can go on; nobody runs with settings that had a problem.
/// </summary>
internal sealed class SettingsReader
{
    private readonly List<SettingsProblem> _problems;

    private readonly SettingsSecrets _secrets;

    private SettingsReader(List<SettingsProblem> problems, SettingsSecrets secrets) => (_problems, _secrets) = (problems, secrets);

    public static T Read<T>(JsonNode? tree, List<SettingsProblem> problems, SettingsSecrets? secrets = null)
        where T : class, new()
    {
        var reader = new SettingsReader(problems, secrets ?? new SettingsSecrets(new Dictionary<string, string>()));
        return reader.TryRead(tree, SettingsShape.Of(typeof(T)), "", out var value) ? (T)value : new T();
    }

    private bool TryRead(JsonNode? node, SettingsShape shape, string path, out object value)
    {
        object? read = (shape, node) switch
        {
            (AnythingShape, _) => JsonSerializer.SerializeToElement(node),
            (_, null) => Refuse(path, "must not be null"),
            (SectionShape section, JsonObject given) => ReadSection(given, section, path, path.Length == 0 ? "$schema" : null),
            (UnionShape union, JsonObject given) => ReadUnion(given, union, path),
            (MapShape map, JsonObject given) => ReadMap(given, map, path),
            (ListShape list, JsonArray given) => ReadList(given, list, path),
            (SectionShape or UnionShape or MapShape, _) => Refuse(path, $"must be an object, not {SettingsJson.Show(node)}"),
            (ListShape, _) => Refuse(path, $"must be a list, not {SettingsJson.Show(node)}"),
            _ => ReadScalar(node, shape, path),
        };
        value = read!;
        return read is not null;
    }

    private object? ReadScalar(JsonNode node, SettingsShape shape, string path) => (shape, node.GetValueKind()) switch
    {
        (TextShape, JsonValueKind.String) => _secrets.Reveal(node.GetValue<string>(), out var problem) ?? Refuse(path, problem!),
        (TruthShape, JsonValueKind.True) => true,
        (TruthShape, JsonValueKind.False) => false,
        (IntegerShape, JsonValueKind.Number) => ReadInteger(node, path),
        (NumberShape, JsonValueKind.Number) => NumberIn(node) is var number && double.IsFinite(number)
            ? number : Refuse(path, $"{SettingsJson.Show(node)} is too large"),
        (ChoiceShape choice, JsonValueKind.String) => choice.Find(node.GetValue<string>())
            ?? Refuse(path, $"{SettingsJson.Show(node)} is none of {Quote(choice.Names)}"),
        (TextShape, _) => Refuse(path, $"must be a text, not {SettingsJson.Show(node)}"),
        (TruthShape, _) => Refuse(path, $"must be true or false, not {SettingsJson.Show(node)}"),
        (IntegerShape, _) => Refuse(path, $"must be a whole number, not {SettingsJson.Show(node)}"),
        (NumberShape, _) => Refuse(path, $"must be a number, not {SettingsJson.Show(node)}"),
        (ChoiceShape choice, _) => Refuse(path, $"must be one of {Quote(choice.Names)}, not {SettingsJson.Show(node)}"),
        _ => throw new NotSupportedException($"{shape} is read nowhere."),
    };

    // JSON knows no integers: 1e3 and 8080.0 are whole numbers too, for the schema as well.
    private object? ReadInteger(JsonNode node, string path) => NumberIn(node) switch
    {
        var number when !double.IsInteger(number) && double.IsFinite(number) => Refuse(path, $"must be a whole number, not {SettingsJson.Show(node)}"),
        < int.MinValue or > int.MaxValue => Refuse(path, string.Create(
            CultureInfo.InvariantCulture, $"{SettingsJson.Show(node)} is not within {int.MinValue}..{int.MaxValue}")),
        var number => (int)number,
    };

    private static double NumberIn(JsonNode node) => node.AsValue().TryGetValue(out double number) ? number : double.PositiveInfinity;

    private object ReadSection(JsonObject given, SectionShape shape, string path, string? known)
    {
        var section = shape.CreateDefault();
        foreach (var (name, node) in given)
        {
            var place = SettingsPath.Member(path, name);
            if (shape.Find(name) is { } member)
            {
                ReadMember(node, member, section, place);
            }
            else if (name != known)
            {
                Refuse(place, "there is no such setting" + NearestName.Hint(name, shape.Members.Select(candidate => candidate.Name)));
            }
        }

        foreach (var member in shape.Members.Where(member => member.IsRequired && !given.ContainsKey(member.Name) && IsBlank(member.Get(section))))
        {
            Refuse(SettingsPath.Member(path, member.Name), "must be given");
        }

        return section;
    }

    private void ReadMember(JsonNode? node, SettingsMember member, object section, string path)
    {
        if (node is null && member.MayBeNull)
        {
            member.Set(section, null);
        }
        else if (member.IsSecret && node?.GetValueKind() is not JsonValueKind.String)
        {
            // A password that is all digits and not quoted is a password still: what it is does not stand in the problem.
            Refuse(path, node is null ? "must not be null" : "must be a text");
        }
        else if (TryRead(node, member.Shape, path, out var value) && Accepts(member, value, node, path))
        {
            member.Set(section, value);
        }
    }

    private bool Accepts(SettingsMember member, object value, JsonNode? node, string path)
    {
        var complaint = value switch
        {
            _ when member.IsRequired && IsBlank(value) => "must not be empty",
            int or double when member.Range is { } range && Convert.ToDouble(value, CultureInfo.InvariantCulture) is var number
                && (number < range.Minimum || number > range.Maximum) => string.Create(
                    CultureInfo.InvariantCulture, $"{SettingsJson.Show(node)} is not within {range.Minimum}..{range.Maximum}"),
            _ when node is JsonArray list && list.Count < member.MinLength => $"needs at least {member.MinLength} {(member.MinLength == 1 ? "entry" : "entries")}",
            _ => null,
        };
        return complaint is null || Refuse(path, complaint) is not null;
    }

    private object? ReadUnion(JsonObject given, UnionShape union, string path)
    {
        var place = SettingsPath.Member(path, union.Discriminator);
        return !given.TryGetPropertyValue(union.Discriminator, out var kind) ? Refuse(place, $"must be given: one of {Quote(union.Kinds.Keys)}")
            : kind is JsonValue value && value.TryGetValue(out string? name) && union.Kinds.TryGetValue(name, out var shape)
                ? ReadSection(given, shape, path, union.Discriminator)
            : Refuse(place, $"{SettingsJson.Show(kind)} is none of {Quote(union.Kinds.Keys)}");
    }

    private object ReadMap(JsonObject given, MapShape map, string path)
    {
        var items = new List<KeyValuePair<string, object>>();
        foreach (var (name, node) in given)
        {
            if (TryRead(node, map.Item, SettingsPath.Member(path, name), out var value) || TryStandIn(map.Item, out value))
            {
                items.Add(KeyValuePair.Create(name, value));
            }
        }

        return map.Create(items);
    }

    private object ReadList(JsonArray given, ListShape list, string path)
    {
        var items = new List<object>();
        for (var index = 0; index < given.Count; index++)
        {
            if (TryRead(given[index], list.Item, SettingsPath.Item(path, index), out var value) || TryStandIn(list.Item, out value))
            {
                items.Add(value);
            }
        }

        return list.Create(items);
    }

    // An entry that can't be read keeps its place: later entries keep their numbers, and what names it still finds it.
    private static bool TryStandIn(SettingsShape shape, out object value)
    {
        value = (shape switch
        {
            SectionShape section => section.CreateDefault(),
            TextShape => "",
            { Type.IsValueType: true } => Activator.CreateInstance(shape.Type),
            _ => null,
        })!;
        return value is not null;
    }

    private object? Refuse(string path, string message)
    {
        _problems.Add(new SettingsProblem(path, message));
        return null;
    }

    private static bool IsBlank(object? value) => value is null || (value is string text && string.IsNullOrWhiteSpace(text));

    private static string Quote(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"\"{name}\""));
}
