using System.Diagnostics;
using Gateway.Scripting;

namespace Gateway.Bench;

/// <summary>Compiles and replaces a script again and again while four threads call it, and counts what is left behind.</summary>
internal sealed class Swaps
{
    private const int Callers = 4;

    private readonly ScriptBuilder _builder;
    private readonly UnloadedContexts _unloaded = new();
    private CompiledScript _current;
    private long _calls;
    private long _wrong;

    private Swaps()
    {
        _builder = new ScriptBuilder(_unloaded, new ScriptSettings());
        _current = Build(0);
    }

    /// <summary>Replaces it so many times, and prints ten lines on the way.</summary>
    public static void Run(int count) => new Swaps().SwapAll(count);

    private void SwapAll(int count)
    {
        Machine.Describe($"{count} swaps, each compiled, under {Callers} threads of calls");
        using var ended = new CancellationTokenSource();
        Thread[] callers = [.. Enumerable.Range(0, Callers).Select(_ => new Thread(() => Call(ended.Token)))];
        Array.ForEach(callers, caller => caller.Start());
        var started = Stopwatch.StartNew();
        for (var i = 1; i <= count; i++)
        {
            _unloaded.Retire(Interlocked.Exchange(ref _current, Build(i)));
            if (i % Math.Max(1, count / 10) == 0)
            {
                Print(i, started.Elapsed);
            }
        }

        ended.Cancel();
        Array.ForEach(callers, caller => caller.Join());
        Print(count, started.Elapsed);
    }

    private void Print(int swaps, TimeSpan elapsed)
    {
        for (var attempt = 0; attempt < 10 && _unloaded.Alive > Callers; attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{swaps,6} swaps, {elapsed.TotalMilliseconds / swaps,5:F0} ms each; {Interlocked.Read(ref _calls),10} calls, {Interlocked.Read(ref _wrong)} failed or mixed; {_unloaded.Alive} contexts alive; {GC.GetTotalMemory(forceFullCollection: true) / 1048576.0:F1} MB managed, {Environment.WorkingSet >> 20} MB in all"));
    }

    private void Call(CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            var outcome = Volatile.Read(ref _current).Parse(new byte[] { 1, 2, 3 }, Frames.Config, Frames.Request);
            Interlocked.Increment(ref _calls);
            if (!outcome.Succeeded || outcome.Value.Count != 3 || outcome.Value.SelectMany(reading => reading.Values).Distinct().Count() != 1)
            {
                Interlocked.Increment(ref _wrong);
            }
        }
    }

    private CompiledScript Build(int number)
    {
        var build = _builder.Build(new ScriptSource("scripts/swap.csx", string.Create(CultureInfo.InvariantCulture, $$"""
            record Sample(int Number);
            IEnumerable<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config)
            {
                var samples = new List<Sample>();
                foreach (var b in payload) samples.Add(new({{number}}));
                return samples.Select(sample => new Reading("A", sample.Number, {{number}}));
            }
            byte[]? format_command(Command command, DeviceConfig config) => null;
            """)));
        return build.Script ?? throw new InvalidOperationException(string.Join(Environment.NewLine, build.Problems));
    }
}
