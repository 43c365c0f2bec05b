namespace Gateway.Scripting;

/// <summary>A path as the file system sees it in the end, without links in any of its parts.</summary>
internal static class RealPath
{
    // As many as Linux itself follows.
    private const int MostLinks = 40;

    /// <summary>Where a path leads; parts that are not there are left as they are.</summary>
    /// <exception cref="IOException">Its links go round in a circle, or can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">They may not be read.</exception>
    public static string Of(string path) => Of(Path.GetFullPath(path), 0);

    private static string Of(string path, int links)
    {
        var root = Path.GetPathRoot(path)!;
        var real = root;
        foreach (var part in path[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            var here = Path.Combine(real, part);
            if (new FileInfo(here).LinkTarget is not { } target)
            {
                real = here;
            }
            else if (links == MostLinks)
            {
                throw new IOException($"{path} has too many links");
            }
            else
            {
                real = Of(Path.GetFullPath(target, real), ++links);
            }
        }

        return real;
    }
}
