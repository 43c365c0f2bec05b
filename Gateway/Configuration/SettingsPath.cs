using System.Globalization;
using System.Text.RegularExpressions;

namespace Gateway.Configuration;

/// <summary>Places in gateway.json as people write them: <c>coap.port</c>, <c>routes[2].profile</c>, <c>profiles["my meter"].script</c>.</summary>
internal static partial class SettingsPath
{
    public static string Member(string path, string name) =>
        !PlainName().IsMatch(name) ? $"{path}[\"{name}\"]" : path.Length == 0 ? name : $"{path}.{name}";

    public static string Item(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");

    /// <summary>Whether a place is another or lies within it.</summary>
    public static bool IsWithin(string path, string outer) =>
        path.StartsWith(outer, StringComparison.Ordinal) && (path.Length == outer.Length || path[outer.Length] is '.' or '[');

    /// <summary>Takes a path apart into the names and numbers along it; null when it is no path.</summary>
    public static IReadOnlyList<string>? Parse(string path)
    {
        var match = WholePath().Match(path);
        return match.Success ? [.. match.Groups["part"].Captures.Select(part => part.Value)] : null;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_-]+\z")]
    private static partial Regex PlainName();

    [GeneratedRegex("""\A(?<part>[A-Za-z0-9_-]+)(\.(?<part>[A-Za-z0-9_-]+)|\[(?<part>[0-9]+)\]|\["(?<part>[^"]*)"\])*\z""")]
    private static partial Regex WholePath();
}
