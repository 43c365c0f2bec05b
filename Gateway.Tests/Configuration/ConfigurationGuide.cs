using System.Globalization;
using System.Text;
using System.Text.Json;
using Gateway.Configuration;

namespace Gateway.Tests.Configuration;

/// <summary>The text of docs/configuration.md: what is written by hand, and a table of each section, made of the same shapes as the schema.</summary>
internal static class ConfigurationGuide
{
    private const string Intro =
        """
        # gateway.json, all of it

        This page is made of the settings' own descriptions; `gateway.schema.json` says the same to editors. What belongs together is told in [sinks.md](sinks.md), [intake.md](intake.md),
        [journal.md](journal.md), [commands.md](commands.md), [answers.md](answers.md), [security.md](security.md) and [replay.md](replay.md).

        ## Where a value comes from

        Every setting has a default, so any line may be left out, and so may the file. Comments and trailing commas are allowed. A value is taken from the first of these that has it:

        1. `--set coap.port=0` on the command line; `--set routes[0].path=/x` reaches into lists, and `--set 'sinks.web={"type": "console"}'` takes JSON;
        2. an environment variable, such as `GATEWAY__COAP__PORT=0`;
        3. gateway.json: the file of `--config`, or the one in the current folder;
        4. the default.

        A list or a map that is given replaces the default one as a whole. Relative paths start from the folder of gateway.json. `${NAME}` in any text is the environment variable NAME, so
        that passwords need not stand in the file; `$${NAME}` is that text itself. All mistakes are told at once, each with its place; `gateway check` looks for them without starting anything.

        ## Changes while the gateway runs

        The gateway looks at the file every two seconds, or at once with `POST /api/v1/configuration/reload`. It logs what has changed, place by place. Places that are **live** below
        come to life at once: requests that are under way end as they began. All others are logged as a warning, listed by `GET /api/v1/configuration` and named by `/health`, until the
        gateway is restarted or they are taken back.

        A file with a mistake changes nothing, not even where it is right: the settings of before go on, each mistake is logged, and `/health` is `degraded` with the reason until the file
        can be used again. Texts that may be secret are never shown: of sinks, intakes and the API it says only that they have changed.

        """;

    public static string Generate()
    {
        var text = new StringBuilder(Intro.ReplaceLineEndings("\n"));
        foreach (var section in Section(typeof(GatewaySettings)).Members)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## `{section.Name}`\n\n{section.Description}\n");
            Write(text, section.Shape, section.Name, section.Get(new GatewaySettings()));
        }

        return text.ToString();
    }

    private static void Write(StringBuilder text, SettingsShape shape, string place, object? value)
    {
        switch (shape)
        {
            case SectionShape section:
                Table(text, Rows(section, "", place, value ?? section.CreateDefault()));
                break;
            case ListShape { Item: SectionShape item }:
                text.Append("\nA list of objects, each with\n");
                Table(text, Rows(item, "", place, item.CreateDefault()));
                break;
            case MapShape { Item: SectionShape item }:
                text.Append("\nA map of names to objects, each with\n");
                Table(text, Rows(item, "", place, item.CreateDefault()));
                break;
            case MapShape { Item: UnionShape union }:
                Kinds(text, union, place);
                break;
        }
    }

    // What all kinds have stands once.
    private static void Kinds(StringBuilder text, UnionShape union, string place)
    {
        var rows = union.Kinds.ToDictionary(kind => kind.Key, kind => Rows(kind.Value, "", place, kind.Value.CreateDefault()).ToList());
        var common = rows.Values.First().Where(row => rows.Values.All(other => other.Contains(row))).ToList();
        text.Append(CultureInfo.InvariantCulture, $"\nA map of names to objects; `{union.Discriminator}` says of which kind each is: {string.Join(", ", union.Kinds.Keys.Select(kind => $"`{kind}`"))}. Each has\n");
        Table(text, common);
        foreach (var (kind, all) in rows.Where(kind => kind.Value.Count > common.Count))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n### `{place}`, `\"{union.Discriminator}\": \"{kind}\"`\n");
            Table(text, all.Except(common));
        }
    }

    private static IEnumerable<Row> Rows(SectionShape section, string prefix, string place, object defaults)
    {
        foreach (var member in section.Members)
        {
            var (name, here) = ($"{prefix}{member.Name}", $"{place}.{member.Name}");
            if (member.Shape is SectionShape inner && !member.MayBeNull)
            {
                foreach (var row in Rows(inner, name + ".", here, member.Get(defaults)!))
                {
                    yield return row;
                }
            }
            else
            {
                yield return new Row(name, TypeOf(member), DefaultOf(member, defaults), LivePlaces.Contains(here), member.Description!);
                foreach (var row in member.Shape is SectionShape optional ? Rows(optional, name + ".", here, optional.CreateDefault()) : [])
                {
                    yield return row;
                }
            }
        }
    }

    private static string TypeOf(SettingsMember member) => NameOf(member.Shape)
        + (member.Range is { } range ? string.Create(CultureInfo.InvariantCulture, $", {range.Minimum} to {range.Maximum}") : "")
        + (member.MayBeNull ? ", or null" : "");

    private static string NameOf(SettingsShape shape) => shape switch
    {
        TextShape => "text",
        TruthShape => "true or false",
        IntegerShape => "whole number",
        NumberShape => "number",
        ChoiceShape choice => string.Join(", ", choice.Names.Select(name => $"`{name}`")),
        ListShape list => $"list of {Plural(list.Item)}",
        MapShape map => $"map of {Plural(map.Item)}",
        SectionShape => "object",
        _ => "any JSON",
    };

    private static string Plural(SettingsShape shape) => shape switch
    {
        TextShape => "texts",
        IntegerShape => "whole numbers",
        NumberShape => "numbers",
        SectionShape => "objects",
        _ => NameOf(shape),
    };

    private static string DefaultOf(SettingsMember member, object defaults) =>
        member.IsRequired && member.Get(defaults) is "" ? "must be given"
        : $"`{JsonSerializer.Serialize(member.Get(defaults), member.Type, SettingsJson.CompactOptions)}`";

    private static void Table(StringBuilder text, IEnumerable<Row> rows)
    {
        text.Append("\n| setting | type | default | live | |\n|---|---|---|---|---|\n");
        foreach (var row in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"| `{row.Name}` | {Cell(row.Type)} | {Cell(row.Default)} | {(row.IsLive ? "yes" : "")} | {Cell(row.Description)} |\n");
        }
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);

    private static SectionShape Section(Type type) => (SectionShape)SettingsShape.Of(type);

    private sealed record Row(string Name, string Type, string Default, bool IsLive, string Description);
}
