namespace Gateway.Scripting;

/// <summary>Where a <c>#load</c> leads, by its text alone: paths start from the folder of the file that loads, as in every editor.</summary>
internal static class LoadPath
{
    private const int Longest = 256;

    /// <summary>The file's path in the scripts folder, with forward slashes; null when it leads out of it, or does not name a <c>.csx</c> file.</summary>
    /// <param name="path">What the directive says.</param>
    /// <param name="from">The path in the scripts folder of the file that says it.</param>
    public static string? Resolve(string path, string from)
    {
        // A colon is a drive or a stream of Windows.
        var wanted = path.Replace('\\', '/');
        if (wanted.StartsWith('/') || wanted.Contains(':', StringComparison.Ordinal) || wanted.Any(char.IsControl) || !wanted.EndsWith(ScriptFolder.Extension, StringComparison.Ordinal))
        {
            return null;
        }

        var segments = new List<string>(from.Split('/')[..^1]);
        foreach (var segment in wanted.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(segment => segment != "."))
        {
            if (segment != "..")
            {
                segments.Add(segment);
            }
            else if (segments.Count == 0)
            {
                return null;
            }
            else
            {
                segments.RemoveAt(segments.Count - 1);
            }
        }

        var resolved = string.Join('/', segments);
        return resolved.Length <= Longest ? resolved : null;
    }
}
