using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Tests.Support;

namespace Gateway.Tests.Telemetry;

/// <summary>docs/metrics.md, and the dashboard and the alerts that people import: they speak of metrics that there are.</summary>
internal sealed partial class MetricsGuideTests
{
    // What Prometheus itself knows of a series.
    private static readonly string[] LabelsOfPrometheus = ["job", "instance", "le"];

    private string _page = "";
    private IReadOnlySet<string> _series = new HashSet<string>();

    private static IEnumerable<string> Expressions()
    {
        var dashboard = JsonNode.Parse(File.ReadAllText(Repository.PathOf("docs", "grafana-dashboard.json")))!;
        foreach (var panel in dashboard["panels"]!.AsArray())
        {
            foreach (var target in panel!["targets"]?.AsArray() ?? [])
            {
                yield return target!["expr"]!.GetValue<string>();
            }
        }

        foreach (Match rule in Rule().Matches(File.ReadAllText(Repository.PathOf("docs", "alerts.yml")).ReplaceLineEndings("\n")))
        {
            yield return rule.Groups[1].Value;
        }
    }

    [OneTimeSetUp]
    public async Task Scrape()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await gateway.PostAsync("/m", Frames.Efento);
        await gateway.QueueAsync(new { device_id = "282c02424eed", command_type = "config_update", payload = new { transmission_interval = 3600 } });
        await gateway.PostAsync("/m", Frames.Efento);
        await gateway.PostAsync("/m", Frames.Efento);
        await gateway.PostAsync("/m", "ff");
        _page = await gateway.Http.GetStringAsync("/metrics");
        _series = SeriesLine().Matches(_page).Select(line => line.Groups[1].Value).ToHashSet();
    }

    [Test]
    public void Every_metric_is_told_of_as_it_is()
    {
        var approved = from line in File.ReadAllLines(Repository.PathOf("Gateway.Tests", "Contracts", "metrics.approved.txt"))
                       let parts = ApprovedLine().Match(line).Groups
                       select (parts[1].Value, KindOf(parts[2].Value), parts[3].Value, parts[4].Value);

        Assert.That(MetricsGuide.Metrics.Select(metric => (metric.Name, metric.Kind, metric.Unit, metric.Meaning)), Is.EquivalentTo(approved));
    }

    [Test]
    public void A_series_has_the_name_that_is_told()
    {
        var told = MetricsGuide.Metrics.SelectMany(metric => metric.Series).ToHashSet();

        Assert.That(MetricsGuide.Metrics.Select(metric => metric.Prometheus), Is.EqualTo(MetricsGuide.Metrics.Select(PrometheusNameOf)));
        Assert.That(_series.Where(name => name.StartsWith("gateway_", StringComparison.Ordinal)), Is.Not.Empty.And.SubsetOf(told));
    }

    [Test]
    public void A_series_has_the_labels_that_are_told_and_never_a_device()
    {
        var told = MetricsGuide.Metrics.SelectMany(metric => metric.Series.Select(name => (name, metric.Labels))).ToDictionary();
        var seen = from line in SeriesLine().Matches(_page)
                   where line.Groups[1].Value.StartsWith("gateway_", StringComparison.Ordinal)
                   from label in Label().Matches(line.Groups[2].Value)
                   let name = label.Groups[1].Value
                   where name != "le" && !name.StartsWith("otel_", StringComparison.Ordinal)
                   select (Series: line.Groups[1].Value, Label: name);

        Assert.That(seen.Where(label => !told[label.Series].Contains(label.Label)).Distinct(), Is.Empty);
        Assert.That(_page, Does.Not.Contain("282c02424eed").IgnoreCase);
    }

    [TestCaseSource(nameof(Expressions))]
    public void A_panel_and_an_alert_ask_for_what_there_is(string expression)
    {
        var plain = Text().Replace(expression, "\"\"");
        var names = Name().Matches(plain).Select(match => match.Value).ToArray();
        var known = MetricsGuide.Metrics.Where(metric => metric.Series.Intersect(names).Any()).ToArray();
        var labels = from match in Label().Matches(plain).Concat(Grouping().Matches(plain))
                     from label in match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries)
                     select label;

        Assert.That(names, Is.Not.Empty);
        Assert.That(names.Where(name => name != "up").Distinct(), Is.SubsetOf(_series.Concat(MetricsGuide.Metrics.SelectMany(metric => metric.Series))));
        if (known.Length > 0)
        {
            Assert.That(labels.Distinct(), Is.SubsetOf(LabelsOfPrometheus.Concat(known.SelectMany(metric => metric.Labels)).Distinct()));
        }
    }

    // The rules of OpenTelemetry for Prometheus: units in words, _total for what only grows.
    private static string PrometheusNameOf(GuideMetric metric)
    {
        var unit = metric.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        var name = metric.Name.Replace('.', '_');
        return (name.EndsWith(unit, StringComparison.Ordinal) ? name : name + unit) + (metric.Kind == "counter" ? "_total" : "");
    }

    private static string KindOf(string instrument) => instrument switch
    {
        "Counter" or "ObservableCounter" => "counter",
        "Histogram" => "histogram",
        _ => "gauge",
    };

    [GeneratedRegex(@"^Gateway\.\w+: ([\w.]+), (\w+) of (\S+): (.*)$")]
    private static partial Regex ApprovedLine();

    [GeneratedRegex(@"^ +expr: (.+)$", RegexOptions.Multiline)]
    private static partial Regex Rule();

    [GeneratedRegex(@"^([a-z_]+)(\{.*\})? ", RegexOptions.Multiline)]
    private static partial Regex SeriesLine();

    [GeneratedRegex("(?<=[{,] ?)([a-z_]+)(?=[=!])")]
    private static partial Regex Label();

    [GeneratedRegex(@"by \(([a-z_, ]+)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"""[^""]*""")]
    private static partial Regex Text();

    [GeneratedRegex(@"\b(?:(?:gateway|dotnet)_[a-z_]+|up)\b")]
    private static partial Regex Name();
}
