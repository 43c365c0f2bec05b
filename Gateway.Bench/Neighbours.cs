using System.Diagnostics;
using Gateway.Scripting;

namespace Gateway.Bench;

/// <summary>How long a script takes alone, and while another thread hammers a script that would like to take everything.</summary>
internal static class Neighbours
{
    private const int Calls = 20_000;

    private static readonly (string Name, string Body)[] Hostile =
    [
        ("a loop without end", "while (true) { }"),
        ("recursion", "return [.. parse(payload, config)];"),
        ("garbage", "while (true) _ = new byte[1000];"),
        ("large arrays", "var all = new List<byte[]>(); while (true) all.Add(new byte[1_000_000]);"),
        ("exceptions", "while (true) try { throw new Exception(); } catch { _ = 0; }"),
        ("faults", "throw new Exception();"),
    ];

    /// <summary>Measures all, and prints ratios to the quiet before each.</summary>
    public static void Run(int threads)
    {
        var good = Compiled("scripts/efento.csx", File.ReadAllText(Repository.PathOf("scripts", "efento.csx")));
        for (var i = 0; i < 3; i++)
        {
            _ = Measure(good);
        }

        Machine.Describe($"{Calls} calls each of scripts/efento.csx, {threads} threads of the other");
        foreach (var (name, body) in Hostile)
        {
            var alone = Measure(good);
            var (together, stopped) = Beside(Compiled("scripts/hostile.csx", $"IEnumerable<Reading> parse(byte[] payload, DeviceConfig config) {{ {body} }} byte[]? format_command(Command c, DeviceConfig d) => null;"), threads, good);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-20} alone p50 {alone.P50,6:F1} p99 {alone.P99,7:F1} µs; beside p50 {together.P50,6:F1} p99 {together.P99,7:F1} µs; ratio p50 {together.P50 / alone.P50:F2} p99 {together.P99 / alone.P99:F2}; the other failed {stopped} times"));
        }
    }

    private static ((double P50, double P99) Times, long Stopped) Beside(CompiledScript hostile, int threads, CompiledScript good)
    {
        var stopped = 0L;
        using var ended = new CancellationTokenSource();
        Thread[] others = [.. Enumerable.Range(0, threads).Select(_ => new Thread(Hammer))];
        Array.ForEach(others, other => other.Start());
        var times = Measure(good);
        ended.Cancel();
        Array.ForEach(others, other => other.Join());
        return (times, stopped);

        void Hammer()
        {
            while (!ended.IsCancellationRequested)
            {
                if (!hostile.Parse(Frames.Efento, Frames.Config, Frames.Request).Succeeded)
                {
                    Interlocked.Increment(ref stopped);
                }
            }
        }
    }

    private static (double P50, double P99) Measure(CompiledScript good)
    {
        var times = new double[Calls];
        for (var i = 0; i < Calls; i++)
        {
            var start = Stopwatch.GetTimestamp();
            if (!good.Parse(Frames.Efento, Frames.Config, Frames.Request).Succeeded)
            {
                throw new InvalidOperationException("the good script was hurt");
            }

            times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        return (Figures.Percentile(times, 50), Figures.Percentile(times, 99));
    }

    private static CompiledScript Compiled(string name, string text)
    {
        var build = ScriptCompiler.Compile(new ScriptSource(name, text), ScriptLimits.Default);
        return build.Script ?? throw new InvalidOperationException(string.Join(Environment.NewLine, build.Problems));
    }
}
