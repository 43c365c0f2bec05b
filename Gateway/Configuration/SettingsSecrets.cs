using System.Text.RegularExpressions;

namespace Gateway.Configuration;

/// <summary>
/// Puts secrets where a text in gateway.json says <c>${NAME}</c>, for a variable of the environment, or <c>${file:/run/secrets/name}</c>, for
/// what is in a file, so that passwords and keys need not stand in gateway.json. <c>$${NAME}</c> is the text <c>${NAME}</c> itself.
/// </summary>
/// <param name="environment">The variables.</param>
/// <param name="baseFolder">The folder that relative paths start from.</param>
internal sealed partial class SettingsSecrets(IReadOnlyDictionary<string, string> environment, string baseFolder = "")
{
    private const string FilePrefix = "file:";
    private const int MaxFileBytes = 64 * 1024;

    private readonly Dictionary<string, string> _revealed = [];

    /// <summary>The text with the secrets; null when not all of them can be had, and <paramref name="problem"/> says of the first why.</summary>
    public string? Reveal(string text, out string? problem)
    {
        string? first = null;
        var result = Reference().Replace(text, match =>
        {
            if (match.Value.StartsWith("$$", StringComparison.Ordinal))
            {
                return match.Value[1..];
            }

            var name = match.Groups["name"].Value;
            var value = name.StartsWith(FilePrefix, StringComparison.Ordinal) ? OfFile(name[FilePrefix.Length..], ref first) : OfEnvironment(name, ref first);
            if (value.Length > 0)
            {
                _revealed[value] = name;
            }

            return value;
        });
        problem = first;
        return first is null ? result : null;
    }

    /// <summary>A problem, with the secrets' names where it would show the secrets.</summary>
    public SettingsProblem Hide(SettingsProblem problem) => problem with { Message = Hide(problem.Message) };

    /// <summary>The same for any text.</summary>
    public string Hide(string text) => _revealed.OrderByDescending(entry => entry.Key.Length)
        .Aggregate(text, (hidden, entry) => hidden.Replace(entry.Key, $"${{{entry.Value}}}", StringComparison.Ordinal));

    // An empty password is a mistake of whoever started the gateway.
    private string OfEnvironment(string name, ref string? problem)
    {
        if (environment.TryGetValue(name, out var value) && value.Length > 0)
        {
            return value;
        }

        problem ??= $"the environment has no variable {name}";
        return "";
    }

    private string OfFile(string path, ref string? problem)
    {
        try
        {
            var file = new FileInfo(Path.GetFullPath(path, baseFolder.Length > 0 ? baseFolder : Directory.GetCurrentDirectory()));
            if (file is { Exists: true, Length: > MaxFileBytes })
            {
                problem ??= $"the file {path} is longer than {MaxFileBytes / 1024} KB: that is no secret";
                return "";
            }

            // Editors and orchestrators end a file with a line break, which is not part of the secret.
            var value = File.ReadAllText(file.FullName).TrimEnd('\r', '\n');
            problem ??= value.Length == 0 ? $"the file {path} is empty" : null;
            return value;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            problem ??= $"the file {path} can't be read: {e.Message}";
            return "";
        }
    }

    [GeneratedRegex(@"\$?\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*|file:[^{}]+)\}")]
    private static partial Regex Reference();
}
