using System.Globalization;
using System.Text.Json;

namespace Gateway.Scripting;

/// <summary>The keywords of a JSON schema that look into objects and lists, and those that put schemas together.</summary>
internal static class StructureKeywords
{
    private const int MostListed = 12;

    /// <summary>The rule of a keyword; null when it is none of these.</summary>
    /// <param name="reader">Reads the schemas in it.</param>
    /// <param name="node">What the keyword belongs to.</param>
    /// <param name="keyword">The keyword and its argument.</param>
    /// <param name="schema">The schema that it stands in: some keywords look at their neighbours.</param>
    /// <param name="at">Where it stands.</param>
    public static SchemaRule? Rule(SchemaReader reader, SchemaNode node, JsonProperty keyword, JsonElement schema, string at) => keyword.Name switch
    {
        "properties" => Properties(reader, keyword.Value, at),
        "additionalProperties" => AdditionalProperties(reader.Child(keyword.Value, at), keyword.Value, schema),
        "required" => Required(keyword.Value, at),
        "minProperties" => Size(keyword.Value, at, JsonValueKind.Object, "at least", "member", (count, bound) => count >= bound),
        "maxProperties" => Size(keyword.Value, at, JsonValueKind.Object, "at most", "member", (count, bound) => count <= bound),
        "items" => Items(reader.Child(keyword.Value, at), schema),
        "prefixItems" => PrefixItems([.. Schemas(reader, keyword.Value, at)]),
        "minItems" => Size(keyword.Value, at, JsonValueKind.Array, "at least", "entry", (count, bound) => count >= bound),
        "maxItems" => Size(keyword.Value, at, JsonValueKind.Array, "at most", "entry", (count, bound) => count <= bound),
        "uniqueItems" => UniqueItems(keyword.Value, at),
        "$ref" => InPlace(node, [reader.Referred(keyword.Value, at)], AllOf),
        "allOf" => InPlace(node, [.. Schemas(reader, keyword.Value, at)], AllOf),
        "anyOf" => InPlace(node, [.. Schemas(reader, keyword.Value, at)], AnyOf),
        "oneOf" => InPlace(node, [.. Schemas(reader, keyword.Value, at)], OneOf),
        "not" => InPlace(node, [reader.Child(keyword.Value, at)], Not),
        _ => null,
    };

    private static SchemaRule InPlace(SchemaNode node, SchemaNode[] parts, Func<SchemaNode[], SchemaRule> rule)
    {
        node.InPlace.AddRange(parts);
        return rule(parts);
    }

    private static IEnumerable<SchemaNode> Schemas(SchemaReader reader, JsonElement argument, string at) =>
        argument.ValueKind == JsonValueKind.Array && argument.GetArrayLength() > 0
            ? argument.EnumerateArray().Select((part, i) => reader.Child(part, string.Create(CultureInfo.InvariantCulture, $"{at}/{i}")))
            : throw new SchemaException($"{at} must be a list of schemas");

    private static SchemaRule Properties(SchemaReader reader, JsonElement argument, string at)
    {
        if (argument.ValueKind != JsonValueKind.Object)
        {
            throw new SchemaException($"{at} must be an object");
        }

        var properties = new Dictionary<string, SchemaNode>();
        foreach (var property in argument.EnumerateObject())
        {
            properties[property.Name] = reader.Child(property.Value, $"{at}/{SchemaReader.Escaped(property.Name)}");
        }

        return (value, place, run) =>
        {
            foreach (var member in MembersOf(value))
            {
                if (properties.TryGetValue(member.Name, out var property))
                {
                    property.Check(member.Value, PlaceOf(place, member), run);
                }
            }
        };
    }

    private static SchemaRule AdditionalProperties(SchemaNode others, JsonElement argument, JsonElement schema)
    {
        string[] known = schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object
            ? [.. properties.EnumerateObject().Select(property => property.Name)]
            : [];
        var names = known.ToHashSet();
        var expected = argument.ValueKind == JsonValueKind.False ? $"is not known; there are {Listed(known)}" : null;
        return (value, place, run) =>
        {
            foreach (var member in MembersOf(value).Where(member => !names.Contains(member.Name)))
            {
                if (expected is not null)
                {
                    run.Fail(PlaceOf(place, member), expected);
                }
                else
                {
                    others.Check(member.Value, PlaceOf(place, member), run);
                }
            }
        };
    }

    private static string Listed(string[] names) => names.Length == 0 ? "none"
        : string.Join(", ", names.Take(MostListed)) + (names.Length > MostListed ? $" and {names.Length - MostListed} more" : "");

    private static SchemaRule Required(JsonElement argument, string at)
    {
        if (argument.ValueKind != JsonValueKind.Array || argument.EnumerateArray().Any(name => name.ValueKind != JsonValueKind.String))
        {
            throw new SchemaException($"{at} must be a list of names");
        }

        string[] names = [.. argument.EnumerateArray().Select(name => name.GetString()!)];
        return (value, place, run) =>
        {
            foreach (var name in names)
            {
                if (value.ValueKind == JsonValueKind.Object && !value.TryGetProperty(name, out _))
                {
                    run.Fail($"{place}/{SchemaReader.Escaped(name)}", "is missing");
                }
            }
        };
    }

    private static SchemaRule Size(JsonElement argument, string at, JsonValueKind kind, string relation, string of, Func<int, int, bool> fits)
    {
        var bound = ValueKeywords.Count(argument, at);
        var many = of == "entry" ? "entries" : "members";
        var expected = string.Create(CultureInfo.InvariantCulture, $"must have {relation} {bound} {(bound == 1 ? of : many)}");
        return (value, place, run) =>
        {
            if (value.ValueKind == kind && !fits(kind == JsonValueKind.Array ? value.GetArrayLength() : value.GetPropertyCount(), bound))
            {
                run.Fail(place, expected);
            }
        };
    }

    // Those after the ones that prefixItems is for.
    private static SchemaRule Items(SchemaNode item, JsonElement schema)
    {
        var first = schema.TryGetProperty("prefixItems", out var prefix) && prefix.ValueKind == JsonValueKind.Array ? prefix.GetArrayLength() : 0;
        return (value, place, run) =>
        {
            foreach (var (i, entry) in EntriesOf(value).Skip(first))
            {
                item.Check(entry, PlaceOf(place, i), run);
            }
        };
    }

    private static SchemaRule PrefixItems(SchemaNode[] items) => (value, place, run) =>
    {
        foreach (var (i, entry) in EntriesOf(value).Take(items.Length))
        {
            items[i].Check(entry, PlaceOf(place, i), run);
        }
    };

    private static SchemaRule UniqueItems(JsonElement argument, string at)
    {
        if (argument.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            throw new SchemaException($"{at} must be true or false");
        }

        return argument.ValueKind is JsonValueKind.False ? static (_, _, _) => { }
        : static (value, place, run) =>
        {
            var seen = new List<JsonElement>();
            foreach (var (i, entry) in EntriesOf(value))
            {
                if (seen.Any(other => !run.Step() || JsonElement.DeepEquals(other, entry)))
                {
                    run.Fail(PlaceOf(place, i), "must not be there twice");
                    return;
                }

                seen.Add(entry);
            }
        };
    }

    private static SchemaRule AllOf(SchemaNode[] parts) => (value, place, run) =>
    {
        foreach (var part in parts)
        {
            part.Check(value, place, run);
        }
    };

    private static SchemaRule AnyOf(SchemaNode[] parts) => (value, place, run) =>
    {
        var found = new List<IReadOnlyList<SchemaRun.Problem>>();
        foreach (var part in parts)
        {
            var problems = run.Try(part, value, place);
            if (problems.Count == 0)
            {
                return;
            }

            found.Add(problems);
        }

        run.Fail(place, Together(found, place));
    };

    private static SchemaRule OneOf(SchemaNode[] parts) => (value, place, run) =>
    {
        var found = parts.Select(part => run.Try(part, value, place)).ToArray();
        switch (found.Count(problems => problems.Count == 0))
        {
            case 0:
                run.Fail(place, Together(found, place));
                break;
            case > 1:
                run.Fail(place, "must have one of several forms, and fits more than one");
                break;
        }
    };

    private static SchemaRule Not(SchemaNode[] parts) => (value, place, run) =>
    {
        if (run.Try(parts[0], value, place).Count == 0)
        {
            run.Fail(place, "must not be so");
        }
    };

    // Of each form what stands in its way first.
    private static string Together(IReadOnlyList<IReadOnlyList<SchemaRun.Problem>> found, string place) => string.Join(
        ", or ", found.Select(problems => problems[0]).Select(problem => problem.At == place ? problem.Expected : problem.ToString()).Distinct());

    private static JsonElement.ObjectEnumerator MembersOf(JsonElement value) => value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : default;

    private static IEnumerable<(int Index, JsonElement Value)> EntriesOf(JsonElement value) => value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Index() : [];

    private static string PlaceOf(string place, JsonProperty member) => $"{place}/{Contract.Warnings.OneLine(SchemaReader.Escaped(member.Name))}";

    private static string PlaceOf(string place, int index) => string.Create(CultureInfo.InvariantCulture, $"{place}/{index}");
}
