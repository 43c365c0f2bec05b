namespace Gateway.Scripting;

/// <summary>
/// Finds what a source loads without the compiler. A line in a comment or behind an inactive <c>#if</c> counts, too:
/// it only makes the script depend on one file more.
/// </summary>
internal static class LoadDirectives
{
    private const string Name = "load";

    /// <summary>The paths that the source's <c>#load</c> lines name, in their order.</summary>
    public static IReadOnlyList<string> In(string source)
    {
        var paths = new List<string>();
        foreach (var line in source.AsSpan().EnumerateLines())
        {
            if (Path(line.TrimStart()) is { } path)
            {
                paths.Add(path);
            }
        }

        return paths;
    }

    private static string? Path(ReadOnlySpan<char> line)
    {
        if (line.IsEmpty || line[0] != '#' || !line[1..].TrimStart().StartsWith(Name, StringComparison.Ordinal))
        {
            return null;
        }

        var start = line.IndexOf('"') + 1;
        var length = start == 0 ? -1 : line[start..].IndexOf('"');
        return length < 0 ? null : line.Slice(start, length).ToString();
    }
}
