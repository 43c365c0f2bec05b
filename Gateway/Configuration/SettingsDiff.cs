using System.Collections;
using System.Text.Json;

namespace Gateway.Configuration;

/// <summary>
/// What differs between two settings. Numbers, choices and truths are shown; a text is shown only where nobody keeps a password: never within
/// sinks, intakes, the API and access to it, and of a profile only its script and labels.
/// </summary>
internal static class SettingsDiff
{
    private static readonly string[] Discreet = ["sinks", "intake", "api", "access"];

    /// <summary>All differences, in the order of the settings.</summary>
    public static IReadOnlyList<SettingsChange> Between(GatewaySettings before, GatewaySettings after) =>
        [.. Walk(SettingsShape.Of(typeof(GatewaySettings)), before, after, "")];

    private static IEnumerable<SettingsChange> Walk(SettingsShape shape, object? before, object? after, string path) => (shape, before, after) switch
    {
        _ when IsSame(shape, before, after) => [],
        (SectionShape section, not null, not null) => Members(section, before, after, path),
        (UnionShape union, not null, not null) when before.GetType() == after.GetType() => Members((SectionShape)SettingsShape.Of(before.GetType()), before, after, path),
        (UnionShape, not null, not null) => [new SettingsChange(path, "is of another type")],
        (MapShape map, not null, not null) => Entries(map, before, after, path),
        (ListShape { Item: SectionShape } list, not null, not null) => Items(list, before, after, path),
        _ => [new SettingsChange(path, IsShown(shape, path) ? $"{Show(shape, before)} becomes {Show(shape, after)}" : "changed")],
    };

    private static IEnumerable<SettingsChange> Members(SectionShape section, object before, object after, string path) =>
        section.Members.SelectMany(member => !member.IsSecret ? Walk(member.Shape, member.Get(before), member.Get(after), SettingsPath.Member(path, member.Name))
            : IsSame(member.Shape, member.Get(before), member.Get(after)) ? []
            : [new SettingsChange(SettingsPath.Member(path, member.Name), "changed")]);

    private static IEnumerable<SettingsChange> Entries(MapShape map, object before, object after, string path)
    {
        var (old, present) = (EntriesOf(before), EntriesOf(after));
        foreach (var name in old.Keys.Union(present.Keys))
        {
            var place = SettingsPath.Member(path, name);
            var changes = (old.ContainsKey(name), present.ContainsKey(name)) switch
            {
                (true, true) => Walk(map.Item, old[name], present[name], place),
                (true, false) => [new SettingsChange(place, "taken out")],
                _ => [new SettingsChange(place, "added")],
            };
            foreach (var change in changes)
            {
                yield return change;
            }
        }
    }

    // Of a list of objects those that came and went: by number, one more at the top would be a change of all.
    private static IEnumerable<SettingsChange> Items(ListShape list, object before, object after, string path)
    {
        var (old, present) = (TextsOf(list, before), TextsOf(list, after));
        var (gone, come) = (old.Except(present).ToList(), present.Except(old).ToList());
        foreach (var text in gone)
        {
            yield return new SettingsChange(path, IsShown(list.Item, path) ? $"{text} taken out" : "an entry is taken out");
        }

        foreach (var text in come)
        {
            yield return new SettingsChange(path, IsShown(list.Item, path) ? $"{text} added" : "an entry is added");
        }

        if (gone.Count + come.Count == 0)
        {
            yield return new SettingsChange(path, "in another order");
        }
    }

    private static Dictionary<string, object?> EntriesOf(object map)
    {
        var entries = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var entry in (IEnumerable)map)
        {
            var type = entry.GetType();
            entries.Add((string)type.GetProperty("Key")!.GetValue(entry)!, type.GetProperty("Value")!.GetValue(entry));
        }

        return entries;
    }

    private static string[] TextsOf(ListShape list, object items) => [.. ((IEnumerable)items).Cast<object>().Select(item => Compact(list.Item, item))];

    private static bool IsShown(SettingsShape shape, string path) => shape switch
    {
        TruthShape or IntegerShape or NumberShape or ChoiceShape => true,
        AnythingShape => false,
        ListShape list => IsShown(list.Item, path),
        _ when SettingsPath.IsWithin(path, "profiles") => path.EndsWith(".script", StringComparison.Ordinal) || path.EndsWith(".labels", StringComparison.Ordinal),
        _ => !Discreet.Any(section => SettingsPath.IsWithin(path, section)),
    };

    private static bool IsSame(SettingsShape shape, object? before, object? after) => Equals(before, after) || Compact(shape, before) == Compact(shape, after);

    private static string Show(SettingsShape shape, object? value) => value is null ? "null" : Compact(shape, value);

    private static string Compact(SettingsShape shape, object? value) => JsonSerializer.Serialize(value, shape.Type, SettingsJson.CompactOptions);
}
