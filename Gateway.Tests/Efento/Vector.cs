using System.Text.Json;

namespace Gateway.Tests.Efento;

/// <summary>A message of Efento's, and what it is known to mean: one entry of efento-vectors.json.</summary>
internal sealed record Vector(string Name, string Endpoint, byte[] Payload, JsonElement Expected, JsonElement Message, bool Refused)
{
    public static IReadOnlyList<Vector> All { get; } = Load();

    public static IEnumerable<TestCaseData> Cases(string endpoint, bool refused = false) =>
        from vector in All
        where vector.Endpoint == endpoint && vector.Refused == refused
        select vector.Case();

    public TestCaseData Case() => new TestCaseData(this).SetArgDisplayNames(Name);

    public override string ToString() => Name;

    /// <summary>The members of an object by their paths: <c>rules.0.action</c>. Null stands for what must not be there.</summary>
    public static IEnumerable<(string Path, JsonElement Value)> Flatten(JsonElement element, string path = "") => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => Flatten(member.Value, Below(path, member.Name))),
        JsonValueKind.Array => element.EnumerateArray().SelectMany((item, i) => Flatten(item, Below(path, $"{i}"))),
        _ => [(path, element)],
    };

    private static string Below(string path, string name) => path == "" ? name : $"{path}.{name}";

    private static List<Vector> Load()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("Gateway.Tests", "vectors", "efento-vectors.json")));
        return [.. json.RootElement.Clone().EnumerateArray().Select(Of)];
    }

    private static Vector Of(JsonElement vector) => new(
        vector.GetProperty("name").GetString()!,
        vector.GetProperty("endpoint").GetString()!,
        Convert.FromHexString(vector.GetProperty("hex").GetString()!),
        vector.GetProperty("expected"),
        vector.TryGetProperty("message", out var message) ? message : default,
        vector.TryGetProperty("expected_error", out _) || vector.TryGetProperty("policy_error", out _));
}
