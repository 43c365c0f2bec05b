using System.Diagnostics;

namespace Gateway.Bench;

/// <summary>
/// What <see cref="ParseBenchmark"/> measures, in rounds that follow each other closely: on a busy machine all three see the same weather,
/// and the medians of the rounds' ratios are what counts.
/// </summary>
internal static class ParseRounds
{
    private const int Calls = 2000;

    /// <summary>Runs so many rounds after a warm-up, and prints medians.</summary>
    public static void Run(int rounds)
    {
        var benchmark = new ParseBenchmark();
        benchmark.Setup();
        (string Name, Func<int> Work)[] works = [("in host", benchmark.InHost), ("empty", benchmark.Empty), ("guarded", benchmark.Guarded)];
        var warm = Stopwatch.StartNew();
        while (warm.Elapsed < TimeSpan.FromSeconds(3))
        {
            _ = works.Select(work => Time(work.Work)).ToArray();
        }

        Machine.Describe($"{rounds} rounds of {Calls} calls");
        var times = Enumerable.Range(0, rounds).Select(_ => works.Select(work => Time(work.Work)).ToArray()).ToArray();
        foreach (var (index, (name, _)) in works.Index())
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-8} {Figures.Median(times.Select(round => round[index])),8:F0} ns, ratio to in host {Figures.Median(times.Select(round => round[index] / round[0])):F2}"));
        }
    }

    private static double Time(Func<int> work)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < Calls; i++)
        {
            work();
        }

        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / Calls;
    }
}
