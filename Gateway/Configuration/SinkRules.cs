using System.Text.RegularExpressions;
using Gateway.Sinks;

namespace Gateway.Configuration;

/// <summary>What must hold for the sinks of gateway.json: their names, what each kind asks of its settings, and that their filters name what there is.</summary>
internal static partial class SinkRules
{
    public static IEnumerable<SettingsProblem> Check(GatewaySettings settings)
    {
        foreach (var (name, sink) in settings.Sinks)
        {
            var place = SettingsPath.Member("sinks", name);
            if (!IsName(name))
            {
                yield return new SettingsProblem(place, "a sink's name is of the letters a to z, digits, _ and -: it names its place in the journal");
            }

            foreach (var (setting, problem) in sink.Problems())
            {
                yield return new SettingsProblem($"{place}.{setting}", problem);
            }

            foreach (var problem in Profiles(place, sink.Filter, settings.Profiles.Keys))
            {
                yield return problem;
            }
        }
    }

    /// <summary>Whether a text can be the name of a sink, or of an intake.</summary>
    public static bool IsName(string text) => Name().IsMatch(text);

    private static IEnumerable<SettingsProblem> Profiles(string place, SinkFilterSettings filter, IEnumerable<string> known)
    {
        for (var i = 0; i < filter.Profiles.Count; i++)
        {
            if (!string.IsNullOrWhiteSpace(filter.Profiles[i]) && !known.Contains(filter.Profiles[i]))
            {
                yield return new SettingsProblem(SettingsPath.Item($"{place}.filter.profiles", i), RouteRules.NoProfile(filter.Profiles[i], known));
            }
        }
    }

    [GeneratedRegex(@"\A[a-z0-9_-]+\z")]
    private static partial Regex Name();
}
