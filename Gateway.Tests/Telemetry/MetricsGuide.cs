using System.Text.RegularExpressions;

namespace Gateway.Tests.Telemetry;

/// <summary>A metric as docs/metrics.md tells of it.</summary>
/// <param name="Name">Its name in the program, with dots.</param>
/// <param name="Prometheus">Its name on <c>/metrics</c>; of a histogram without <c>_bucket</c>, <c>_sum</c> and <c>_count</c>.</param>
/// <param name="Kind">counter, gauge or histogram.</param>
/// <param name="Unit">Its unit in the program.</param>
/// <param name="Labels">The names of its labels.</param>
/// <param name="Meaning">What it counts.</param>
internal sealed record GuideMetric(string Name, string Prometheus, string Kind, string Unit, IReadOnlyList<string> Labels, string Meaning)
{
    /// <summary>The names of its series.</summary>
    public IEnumerable<string> Series => Kind == "histogram" ? [$"{Prometheus}_bucket", $"{Prometheus}_sum", $"{Prometheus}_count"] : [Prometheus];
}

/// <summary>docs/metrics.md, read.</summary>
internal static partial class MetricsGuide
{
    public static IReadOnlyList<GuideMetric> Metrics { get; } =
    [
        .. from row in Row().Matches(File.ReadAllText(Repository.PathOf("docs", "metrics.md")).ReplaceLineEndings("\n"))
           select new GuideMetric(
               row.Groups[1].Value, row.Groups[2].Value, row.Groups[3].Value, row.Groups[4].Value,
               [.. from label in Quoted().Matches(row.Groups[5].Value) select label.Groups[1].Value], row.Groups[6].Value),
    ];

    [GeneratedRegex(@"^\| `(gateway\.[a-z_.]+)` \| `([a-z_]+)` \| (\w+) \| `([^`]+)` \| ([^|]*) \| (.+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([a-z_]+)`")]
    private static partial Regex Quoted();
}
