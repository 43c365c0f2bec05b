using System.Text.Json.Nodes;

namespace Gateway.Configuration;

/// <summary>The JSON schema of gateway.json (draft 2020-12), for editors; made from the same shapes that the reader goes by.</summary>
internal static class SettingsSchema
{
    /// <summary>The text of gateway.schema.json.</summary>
    public static string Generate()
    {
        var root = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "gateway.json",
            ["description"] = "The settings of the gateway. Every value has a default; comments and trailing commas are allowed.",
        };
        foreach (var (name, node) in Section((SectionShape)SettingsShape.Of(typeof(GatewaySettings))).ToList())
        {
            root[name] = node?.DeepClone();
        }

        root["properties"]!.AsObject().Insert(0, "$schema", new JsonObject { ["type"] = "string" });
        return root.ToJsonString(SettingsJson.Options) + "\n";
    }

    private static JsonObject Of(SettingsShape shape) => shape switch
    {
        TextShape => new JsonObject { ["type"] = "string" },
        TruthShape => new JsonObject { ["type"] = "boolean" },
        IntegerShape => new JsonObject { ["type"] = "integer" },
        NumberShape => new JsonObject { ["type"] = "number" },
        ChoiceShape choice => new JsonObject { ["enum"] = Names(choice.Names) },
        ListShape list => new JsonObject { ["type"] = "array", ["items"] = Of(list.Item) },
        MapShape map => new JsonObject { ["type"] = "object", ["additionalProperties"] = Of(map.Item) },
        UnionShape union => new JsonObject { ["oneOf"] = new JsonArray([.. union.Kinds.Select(kind => Kind(union.Discriminator, kind.Key, kind.Value))]) },
        SectionShape section => Section(section),
        AnythingShape => [],
        _ => throw new NotSupportedException($"{shape} has no schema."),
    };

    private static JsonObject Section(SectionShape section)
    {
        var defaults = section.CreateDefault();
        var properties = new JsonObject();
        var required = new List<string>();
        foreach (var member in section.Members)
        {
            properties[member.Name] = Member(member, member.Get(defaults));
            if (member.IsRequired && member.Get(defaults) is "")
            {
                required.Add(member.Name);
            }
        }

        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
        if (required.Count > 0)
        {
            schema["required"] = Names(required);
        }

        return schema;
    }

    private static JsonObject Kind(string discriminator, string name, SectionShape section)
    {
        var schema = Section(section);
        schema["properties"]!.AsObject().Insert(0, discriminator, new JsonObject { ["const"] = name });
        schema["required"] = Names([discriminator, .. schema["required"]?.AsArray().Select(node => node!.GetValue<string>()) ?? []]);
        return schema;
    }

    private static JsonObject Member(SettingsMember member, object? defaultValue)
    {
        var schema = Of(member.Shape);
        if (member.MayBeNull)
        {
            AllowNull(schema);
        }

        if (member.Description is { } description)
        {
            schema.Insert(0, "description", description);
        }

        if (member.IsSecret)
        {
            schema["writeOnly"] = true;
        }

        if (member.IsRequired)
        {
            schema["pattern"] = "\\S";
        }

        if (member.MinLength is { } length)
        {
            schema[member.Shape is ListShape ? "minItems" : "minLength"] = length;
        }

        if (member.Range is { } range)
        {
            schema["minimum"] = range.Minimum;
            schema["maximum"] = range.Maximum;
        }

        // A section's defaults stand with its members; an empty text that is refused is no default.
        if (member.Shape is not SectionShape && !(member.IsRequired && defaultValue is ""))
        {
            schema["default"] = SettingsJson.ToTree(defaultValue, member.Type);
        }

        return schema;
    }

    private static void AllowNull(JsonObject schema)
    {
        if (schema["enum"] is JsonArray names)
        {
            names.Add(null);
        }
        else if (schema["type"] is JsonValue type)
        {
            schema["type"] = new JsonArray(type.DeepClone(), "null");
        }
    }

    private static JsonArray Names(IEnumerable<string> names) => new([.. names.Select(name => (JsonNode)name)]);
}
