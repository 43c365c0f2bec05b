using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Gateway.Tests.Access;

/// <summary>Makes requests that nobody would send out of an OpenAPI document: what it says, bent in one place or in several.</summary>
internal sealed class OpenApiFuzz(JsonNode document, Random random)
{
    private static readonly string[] Texts =
    [
        "", " ", "a", "cellar", "json", "json.csx", "efento.csx", "..", "../../gateway.json", "%2e%2e%2f", "\0", "a/b", "é", "😀", "\ud800", "null", "true", "-1", "0", "1", "1e400",
        "9223372036854775808", "2026-01-31T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "' OR 1=1 --", "{{7*7}}", "<script>", "${PATH}", "$.a.b", "#/x", new('x', 3000),
    ];

    private static readonly string[] MediaTypes = ["application/json", "application/json; charset=utf-16", "text/plain", "application/x-ndjson", "text/csv", "multipart/form-data", "x"];

    private readonly List<(string Path, string Method, JsonObject Operation)> _operations =
    [
        .. from path in document["paths"]!.AsObject()
           from operation in path.Value!.AsObject()
           where operation.Value is JsonObject && operation.Key is "get" or "put" or "post" or "delete" or "patch" or "head"
           where operation.Value!["responses"]?["200"]?["content"]?["text/event-stream"] is null
           select (path.Key, operation.Key.ToUpperInvariant(), operation.Value!.AsObject()),
    ];

    /// <summary>The next request, and how to tell of it.</summary>
    public (HttpRequestMessage Request, string Told) Next()
    {
        var (path, method, operation) = Pick(_operations);

        // A path with a NUL comes no further than the server, which closes the connection.
        var parameters = operation["parameters"]?.AsArray() ?? [];
        var query = new List<string>();
        foreach (var parameter in parameters)
        {
            var (name, value) = (parameter!["name"]!.GetValue<string>(), TextOf(parameter["schema"]));
            if (parameter["in"]!.GetValue<string>() is "path")
            {
                path = path.Replace($"{{{name}}}", Escape(value is "" or "\0" ? "x" : value), StringComparison.Ordinal);
            }
            else if (parameter["in"]!.GetValue<string>() is "query" && random.Next(3) > 0)
            {
                query.Add($"{name}={Escape(value)}");
            }
        }

        if (random.Next(8) == 0)
        {
            query.Add($"{Escape(Pick(Texts))}={Escape(Pick(Texts))}");
        }

        var address = query.Count > 0 ? $"{path}?{string.Join('&', query)}" : path;
        var request = new HttpRequestMessage(new HttpMethod(random.Next(50) == 0 ? "PATCH" : method), new Uri(address, UriKind.Relative));
        var body = operation["requestBody"] is { } wanted ? BodyOf(wanted) : random.Next(20) == 0 ? "{}" : null;
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body.Contains('\ud800') ? Encoding.Latin1.GetBytes(body) : Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.TryParse(random.Next(12) == 0 ? Pick(MediaTypes) : MediaTypeOf(operation["requestBody"]), out var type) ? type : null;
        }

        foreach (var header in new[] { "If-Match", "If-None-Match", "Idempotency-Key", "Accept", "Range" }.Where(_ => random.Next(15) == 0))
        {
            request.Headers.TryAddWithoutValidation(header, Printable(Pick(Texts)));
        }

        return (request, $"{request.Method} {address} {body}");
    }

    private static string MediaTypeOf(JsonNode? body) => body?["content"]?.AsObject().FirstOrDefault().Key ?? "application/json";

    private static string Printable(string text) => string.Concat(text.Where(character => character is >= ' ' and <= '~'));

    // A half of a pair has no bytes in UTF-8.
    private static string Escape(string text) => Uri.EscapeDataString(text.Replace('\ud800', '?'));

    private string BodyOf(JsonNode wanted)
    {
        var (type, content) = wanted["content"]!.AsObject().First();
        if (!type.Contains("json", StringComparison.Ordinal))
        {
            return Pick(Texts);
        }

        var text = ValueOf(content!["schema"], 0)?.ToJsonString() ?? "null";
        return random.Next(12) switch
        {
            0 => text[..random.Next(text.Length + 1)],
            1 => text.Insert(random.Next(text.Length + 1), Pick(Texts)),
            2 => new string('[', 200) + text,
            3 => $"{{\"a\":1,\"a\":2,\"b\":{text}}}",
            4 => Pick(Texts),
            _ => text,
        };
    }

    private JsonNode? ValueOf(JsonNode? schema, int depth)
    {
        schema = Resolve(schema);
        if (depth > 6 || random.Next(15) == 0)
        {
            return Stray();
        }

        if (Alternatives(schema) is { Count: > 0 } alternatives)
        {
            return ValueOf(Pick(alternatives), depth + 1);
        }

        if (schema?["enum"] is JsonArray names && names.Count > 0)
        {
            return Pick([.. names])?.DeepClone();
        }

        return TypeOf(schema) switch
        {
            "object" => ObjectOf(schema!, depth),
            "array" => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => ValueOf(schema!["items"], depth + 1))]),
            "boolean" => random.Next(2) == 0,
            "integer" => random.Next(4) == 0 ? long.MaxValue : random.Next(-3, 2000),
            "number" => random.Next(4) == 0 ? 1e300 : random.NextDouble() * 100,
            "string" => TextOf(schema),
            _ => Stray(),
        };
    }

    private JsonObject ObjectOf(JsonNode schema, int depth)
    {
        var made = new JsonObject();
        foreach (var (name, member) in schema["properties"]?.AsObject() ?? [])
        {
            if (random.Next(3) > 0)
            {
                made[name] = ValueOf(member, depth + 1);
            }
        }

        if (schema["additionalProperties"] is JsonObject more && random.Next(2) == 0)
        {
            made[Pick(Texts).Replace('\ud800', '?')] = ValueOf(more, depth + 1);
        }

        if (random.Next(12) == 0)
        {
            made["colour"] = Stray();
        }

        return made;
    }

    private JsonNode? Stray() => random.Next(8) switch
    {
        0 => null,
        1 => new JsonArray(1, null, "x"),
        2 => new JsonObject { ["a"] = new JsonObject { ["b"] = 1 } },
        3 => -1,
        4 => 1e308,
        5 => false,
        _ => Pick(Texts).Replace('\ud800', '?'),
    };

    private string TextOf(JsonNode? schema) => (TypeOf(Resolve(schema)), random.Next(4)) switch
    {
        ("integer", > 0) => random.Next(-2, 2000).ToString(CultureInfo.InvariantCulture),
        ("boolean", > 0) => random.Next(2) == 0 ? "true" : "false",
        _ => Pick(Texts).Replace('\ud800', '?'),
    };

    private static string? TypeOf(JsonNode? schema) => schema?["type"] switch
    {
        JsonArray several => several.Select(one => one!.GetValue<string>()).FirstOrDefault(one => one is not "null"),
        JsonValue one => one.GetValue<string>(),
        _ => schema?["properties"] is not null ? "object" : null,
    };

    private static List<JsonNode?> Alternatives(JsonNode? schema) =>
        [.. (schema?["oneOf"] ?? schema?["anyOf"])?.AsArray().Where(one => one?["type"]?.ToString() is not "null") ?? []];

    private JsonNode? Resolve(JsonNode? schema) => schema?["$ref"]?.GetValue<string>() is { } reference
        ? document["components"]!["schemas"]![reference[(reference.LastIndexOf('/') + 1)..]]
        : schema;

    private T Pick<T>(IReadOnlyList<T> of) => of[random.Next(of.Count)];
}
