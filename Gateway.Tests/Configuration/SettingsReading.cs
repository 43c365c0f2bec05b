using Gateway.Configuration;

namespace Gateway.Tests.Configuration;

/// <summary>Reads settings from a text, and gives the problems as an admin would see them.</summary>
internal static class SettingsReading
{
    public static (T Settings, string[] Problems) Read<T>(string json)
        where T : class, new()
    {
        var problems = new List<SettingsProblem>();
        var settings = SettingsJson.TryParse(json, "", problems, out var tree) ? SettingsReader.Read<T>(tree, problems) : new T();
        return (settings, [.. problems.Select(problem => problem.Describe("gateway.json"))]);
    }

    public static string[] ProblemsOf(string json) => Read<GatewaySettings>(json).Problems;

    public static string Write(GatewaySettings settings) => SettingsJson.ToTree(settings, typeof(GatewaySettings))!.ToJsonString(SettingsJson.Options);
}
