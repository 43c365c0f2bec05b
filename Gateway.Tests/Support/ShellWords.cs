using System.Text.RegularExpressions;

namespace Gateway.Tests.Support;

/// <summary>Splits a line that people paste as a shell does: by spaces, with double quotes and backslashes within them.</summary>
internal static partial class ShellWords
{
    public static string[] Of(string line) =>
        [.. Word().Matches(line).Select(match => match.Groups[1].Success ? match.Groups[1].Value.Replace("\\\"", "\"", StringComparison.Ordinal) : match.Value)];

    [GeneratedRegex("""
        "((?:[^"\\]|\\.)*)"|\S+
        """)]
    private static partial Regex Word();
}
