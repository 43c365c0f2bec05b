using System.Text.RegularExpressions;

namespace Gateway.Bench;

/// <summary>The parts of docs/performance.md that benchmarks write: each stands between two comments with its name.</summary>
internal static class PerformancePage
{
    /// <summary>Puts a text in the place of the one that a benchmark has written there before.</summary>
    /// <exception cref="InvalidOperationException">The page has no such place.</exception>
    public static void Write(string name, string text)
    {
        var path = Repository.PathOf("docs", "performance.md");
        var (begin, end) = ($"<!-- bench {name} -->", $"<!-- end {name} -->");
        var page = File.ReadAllText(path);
        var place = new Regex($"{Regex.Escape(begin)}.*?{Regex.Escape(end)}", RegexOptions.Singleline);
        if (!place.IsMatch(page))
        {
            throw new InvalidOperationException($"{path} has no place between {begin} and {end}");
        }

        File.WriteAllText(path, place.Replace(page, _ => $"{begin}\n{text.ReplaceLineEndings("\n")}{end}"));
    }
}
