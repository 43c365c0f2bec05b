using System.Text.RegularExpressions;

namespace Gateway.Configuration;

/// <summary>
/// Puts variables of the environment where a text in gateway.json says <c>${NAME}</c>, so that passwords and keys need not stand in the file.
/// <c>$${NAME}</c> is the text <c>${NAME}</c> itself.
/// </summary>
internal sealed partial class SettingsSecrets(IReadOnlyDictionary<string, string> environment)
{
    private readonly Dictionary<string, string> _revealed = [];

    /// <summary>The text with the variables' values; null when the environment has not all of them, and <paramref name="missing"/> is the first.</summary>
    public string? Reveal(string text, out string? missing)
    {
        string? unknown = null;
        var result = Reference().Replace(text, match =>
        {
            var name = match.Groups["name"].Value;
            if (match.Value.StartsWith("$$", StringComparison.Ordinal))
            {
                return match.Value[1..];
            }

            // An empty password is a mistake of whoever started the gateway.
            if (!environment.TryGetValue(name, out var value) || value.Length == 0)
            {
                unknown ??= name;
                return "";
            }

            _revealed[value] = name;
            return value;
        });
        missing = unknown;
        return unknown is null ? result : null;
    }

    /// <summary>A problem, with the variables' names where it would show their values.</summary>
    public SettingsProblem Hide(SettingsProblem problem) => problem with
    {
        Message = _revealed.OrderByDescending(entry => entry.Key.Length)
            .Aggregate(problem.Message, (message, entry) => message.Replace(entry.Key, $"${{{entry.Value}}}", StringComparison.Ordinal)),
    };

    [GeneratedRegex(@"\$?\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)\}")]
    private static partial Regex Reference();
}
