using System.Text.RegularExpressions;

namespace Gateway.Configuration;

/// <summary>A value that is laid over those of the file.</summary>
/// <param name="Origin">The environment variable or the option, as a problem names it.</param>
/// <param name="Names">The members, keys and list positions on the way to the place.</param>
/// <param name="Value">The value, as a text.</param>
internal sealed partial record SettingsOverride(string Origin, IReadOnlyList<string> Names, string Value)
{
    private const string Prefix = "GATEWAY__";

    /// <summary><c>GATEWAY__ROUTES__0__PATH=/x</c>; variables that start otherwise are none of ours.</summary>
    public static IEnumerable<SettingsOverride> FromEnvironment(IReadOnlyDictionary<string, string> environment) =>
        from variable in environment
        where variable.Key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
        orderby Sortable(variable.Key), variable.Key
        select new SettingsOverride(variable.Key, variable.Key[Prefix.Length..].ToLowerInvariant().Split("__"), variable.Value);

    /// <summary><c>--set routes[0].path=/x</c>, without the <c>--set</c>.</summary>
    public static IEnumerable<SettingsOverride> FromCommandLine(IEnumerable<string> assignments, List<SettingsProblem> problems)
    {
        foreach (var assignment in assignments)
        {
            var equals = assignment.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && SettingsPath.Parse(assignment[..equals]) is { } names)
            {
                yield return new SettingsOverride($"--set {assignment[..equals]}", names, assignment[(equals + 1)..]);
            }
            else
            {
                problems.Add(new SettingsProblem("", "is no name and value, such as coap.port=0 or routes[0].path=/m") { Origin = $"--set {assignment}" });
            }
        }
    }

    // New entries are added to a list one after the other, so 9 must come before 10.
    private static string Sortable(string name) =>
        Number().Replace(name.ToUpperInvariant(), number => number.Value.PadLeft(10, '0'));

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number();
}
