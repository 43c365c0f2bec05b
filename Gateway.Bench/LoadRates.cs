using System.Diagnostics;

namespace Gateway.Bench;

/// <summary>
/// How the gateway bears more of everything: requests a second, from few to as many as it can answer; devices at one rate; and how long an
/// answer takes at half of what it can, beside what the disk takes for one sync at that time.
/// </summary>
internal static class LoadRates
{
    private const int Syncs = 200;

    private static readonly int[] Rates = [1000, 2000, 5000, 10_000, 20_000];

    /// <summary>Runs so many rounds, prints the tables, and puts them into docs/performance.md if that is wanted.</summary>
    public static async Task RunAsync(string sources, int rounds, double seconds, bool write)
    {
        var tools = LoadTools.BuiltFrom(sources);
        using var server = LoadedServer.Gateway("the gateway");
        await server.AnswersAsync();
        await server.LoadAsync(tools, new LoadShape(6) { Seconds = 8 });

        List<Row> rows =
        [
            .. Rates.Select(rate => new Row($"{rate:N0}/s, 64 devices", new LoadShape(6) { Seconds = seconds, Rate = rate, Window = 64 })),
            new("as fast as answers come, 64 devices", new LoadShape(6) { Seconds = seconds }),
            new("20,000/s, 10,000 devices", new LoadShape(6) { Seconds = seconds, Rate = 20_000, Sockets = 10_000, Window = 2 }),
        ];
        for (var round = 0; round < rounds; round++)
        {
            foreach (var row in rows)
            {
                row.Figures.Add(await server.LoadAsync(tools, row.Shape));
            }
        }

        var saturation = Figures.Median(rows[Rates.Length].Figures.Select(figures => figures.PerSecond));
        var half = new Row("half of that", new LoadShape(6) { Seconds = seconds, Rate = (int)(saturation / 2), Window = 64 });
        var syncs = new List<double>();
        for (var round = 0; round < rounds; round++)
        {
            syncs.AddRange(SyncTimes());
            half.Figures.Add(await server.LoadAsync(tools, half.Shape));
        }

        rows.Insert(Rates.Length + 1, half);
        var table = Table(rows, rounds, seconds, syncs, server.WorkingSet);
        Console.WriteLine(table);
        if (write)
        {
            PerformancePage.Write("load", table);
        }
    }

    private static string Table(List<Row> rows, int rounds, double seconds, List<double> syncs, long workingSet)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Machine.Line}; {rounds} rounds of {seconds} s each, medians; 6 readings in each frame.");
        text.AppendLine();
        text.AppendLine("| load | answered a second | CPU per request | to 64 devices at 20,000/s | p50 / p99 | lost |");
        text.AppendLine("|---|---|---|---|---|---|");
        var reference = rows[Rates.Length - 1];
        foreach (var row in rows)
        {
            var ratio = Figures.Median(row.Figures.Zip(reference.Figures, (own, other) => own.ProcessorMicroseconds / other.ProcessorMicroseconds));
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {row.Name} | {row.Median(f => f.PerSecond):N0} | {row.Median(f => f.ProcessorMicroseconds):F1} µs | {ratio:F2} | {row.Median(f => f.MedianMicroseconds) / 1000:F2} / {row.Median(f => f.P99Microseconds) / 1000:F1} ms | {row.Figures.Sum(f => f.Lost)} |");
        }

        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture,
            $"One append of 1 kB and its `fsync`, in the same minutes: p50 {Figures.Median(syncs):F2} ms, p99 {Figures.Percentile(syncs, 99):F1} ms. Working set after all this {workingSet / 1048576} MiB.");
        return text.ToString();
    }

    private static List<double> SyncTimes()
    {
        var path = Path.GetTempFileName();
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write);
            var times = new List<double>(Syncs);
            for (var i = 0; i < Syncs; i++)
            {
                var started = Stopwatch.GetTimestamp();
                RandomAccess.Write(file, new byte[1000], i * 1000L);
                RandomAccess.FlushToDisk(file);
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            return times;
        }
        finally
        {
            File.Delete(path);
        }
    }

    private sealed record Row(string Name, LoadShape Shape)
    {
        public List<LoadFigures> Figures { get; } = [];

        public double Median(Func<LoadFigures, double> figure) => Bench.Figures.Median(Figures.Select(figure));
    }
}
