using System.Diagnostics;
using Gateway.Scripting;

namespace Gateway.Bench;

/// <summary>How long the Efento script takes to compile and load, the first time and warm; and how much of it is the policy, which a trusted script is spared.</summary>
internal static class Compiles
{
    /// <summary>Compiles it so many times with and without the policy, in turn, and prints medians.</summary>
    public static void Run(int runs)
    {
        var source = new ScriptSource("scripts/efento.csx", File.ReadAllText(Repository.PathOf("scripts", "efento.csx")));
        Machine.Describe($"{runs} compilations each, with and without the policy, in turn");
        var first = Time(source);
        var times = Enumerable.Range(0, runs).Select(_ => (With: Time(source), Without: Time(source with { Trusted = true }))).Skip(runs / 3).ToArray();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"first {first:F0} ms, warm {Figures.Median(times.Select(time => time.With)):F0} ms, median of the ratios with/without {Figures.Median(times.Select(time => time.With / time.Without)):F2}"));
    }

    private static double Time(ScriptSource source)
    {
        var start = Stopwatch.GetTimestamp();
        var build = ScriptCompiler.Compile(source, ScriptLimits.Default);
        var took = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        (build.Script ?? throw new InvalidOperationException(string.Join(Environment.NewLine, build.Problems))).Unload();
        return took;
    }
}
