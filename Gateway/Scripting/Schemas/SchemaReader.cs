using System.Text.Json;

namespace Gateway.Scripting;

/// <summary>
/// Reads a JSON schema (draft 2020-12): the keywords that commands and their forms need. What is not known is refused,
/// for a schema that is half understood lets pass what its author meant to refuse.
/// </summary>
internal sealed class SchemaReader
{
    private const string Dialect = "https://json-schema.org/draft/2020-12/schema";
    private const string Definitions = "#/$defs/";

    // They describe and don't check; format is one of them by the standard.
    private static readonly HashSet<string> Annotations =
    [
        "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "format", "contentEncoding", "contentMediaType", "$comment", "$defs",
    ];

    private readonly Dictionary<string, SchemaNode> _byReference = [];

    /// <summary>Reads a schema.</summary>
    /// <exception cref="SchemaException">It is none, or has something that is not known here; the message says where.</exception>
    public static SchemaNode Read(JsonElement schema)
    {
        var reader = new SchemaReader();
        var root = reader._byReference["#"] = new SchemaNode();
        var definitions = Members(schema, "$defs", "#").ToArray();
        foreach (var definition in definitions)
        {
            reader._byReference[Definitions + Escaped(definition.Name)] = new SchemaNode();
        }

        reader.Fill(root, schema, "#");
        foreach (var definition in definitions)
        {
            var reference = Definitions + Escaped(definition.Name);
            reader.Fill(reader._byReference[reference], definition.Value, reference);
        }

        var endless = reader._byReference.FirstOrDefault(entry => entry.Value.IsEndless([], []));
        return endless.Value is null ? root : throw new SchemaException($"{endless.Key} refers to itself without end");
    }

    /// <summary>A name as a part of a JSON pointer (RFC 6901).</summary>
    public static string Escaped(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    /// <summary>The schema that a keyword has as its value.</summary>
    public SchemaNode Child(JsonElement schema, string at)
    {
        var node = new SchemaNode();
        Fill(node, schema, at);
        return node;
    }

    /// <summary>The schema that a reference names.</summary>
    public SchemaNode Referred(JsonElement reference, string at) =>
        reference.ValueKind == JsonValueKind.String && _byReference.TryGetValue(reference.GetString()!, out var node)
            ? node
            : throw new SchemaException($"{at} must be # or {Definitions} and a name that is defined there, not {reference.GetRawText()}");

    private void Fill(SchemaNode node, JsonElement schema, string at)
    {
        if (schema.ValueKind is JsonValueKind.False)
        {
            node.Rules.Add(static (_, place, run) => run.Fail(place, "must not be there"));
        }
        else if (schema.ValueKind is JsonValueKind.Object)
        {
            foreach (var keyword in schema.EnumerateObject())
            {
                Add(node, keyword, schema, at);
            }
        }
        else if (schema.ValueKind is not JsonValueKind.True)
        {
            throw new SchemaException($"{at} must be a schema: an object, true or false");
        }
    }

    private void Add(SchemaNode node, JsonProperty keyword, JsonElement schema, string at)
    {
        var place = $"{at}/{Escaped(keyword.Name)}";
        if (keyword.Name == "$schema")
        {
            if (keyword.Value.ValueKind != JsonValueKind.String || keyword.Value.GetString() != Dialect)
            {
                throw new SchemaException($"{place} must be \"{Dialect}\": no other draft is known");
            }
        }
        else if (keyword.Name == "$defs" && at != "#")
        {
            throw new SchemaException($"{place} must stand at the top of the schema");
        }
        else if (!Annotations.Contains(keyword.Name))
        {
            var rule = ValueKeywords.Rule(keyword.Name, keyword.Value, schema, place) ?? StructureKeywords.Rule(this, node, keyword, schema, place)
                ?? throw new SchemaException($"{place} is a keyword that is not known here");
            node.Rules.Add(rule);
        }
    }

    private static JsonElement.ObjectEnumerator Members(JsonElement schema, string name, string at) =>
        schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty(name, out var members) ? default
        : members.ValueKind == JsonValueKind.Object ? members.EnumerateObject()
        : throw new SchemaException($"{at}/{name} must be an object");
}

/// <summary>Says what is wrong with a schema.</summary>
internal sealed class SchemaException(string message) : Exception(message);
