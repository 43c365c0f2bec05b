using System.Text.Json.Nodes;
using Gateway.Configuration;

namespace Gateway.Cli;

/// <summary>The files that settings name, wherever they do: every text whose name ends with <c>_file</c>.</summary>
internal static class SettingsFiles
{
    /// <summary>Each with its place in gateway.json.</summary>
    public static IEnumerable<(string Place, string Path)> Of(LoadedConfiguration configuration) =>
        Walk(SettingsJson.ToTree(configuration.Settings, typeof(GatewaySettings)), "");

    private static IEnumerable<(string Place, string Path)> Walk(JsonNode? node, string place) => node switch
    {
        JsonObject members => members.SelectMany(member => Walk(member.Value, SettingsPath.Member(place, member.Key))),
        JsonArray items => items.SelectMany((item, index) => Walk(item, SettingsPath.Item(place, index))),
        JsonValue value when place.EndsWith("_file", StringComparison.Ordinal) && value.TryGetValue(out string? path) => [(place, path)],
        _ => [],
    };
}
