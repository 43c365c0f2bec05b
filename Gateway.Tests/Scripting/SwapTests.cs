using System.Globalization;
using System.Runtime.CompilerServices;
using Gateway.Scripting;

namespace Gateway.Tests.Scripting;

/// <summary>A script is replaced again and again under the hands of those who call it.</summary>
internal sealed class SwapTests
{
    private const int Versions = 20;
    private const int Callers = 4;
    private const int Swaps = 1000;

    // A kilobyte kept for each swap would be more.
    private const long Most = 800 << 10;

    private readonly UnloadedContexts _unloaded = new();
    private CompiledScript? _current;
    private int _calls;

    [Test]
    public void Two_thousand_swaps_under_concurrent_calls_mix_nothing_up_and_leave_nothing_behind()
    {
        ScriptImage[] images = [.. Enumerable.Range(0, Versions).Select(Image)];
        Replace(images[0]);

        var wrong = SwapAll(images);
        Collect();
        var (after1000, alive) = (GC.GetTotalMemory(forceFullCollection: true), _unloaded.Alive);
        wrong = [.. wrong, .. SwapAll(images)];
        Collect();
        var after2000 = GC.GetTotalMemory(forceFullCollection: true);

        Assert.Multiple(() =>
        {
            Assert.That(wrong, Is.Empty);
            Assert.That(_calls, Is.GreaterThan(2 * Swaps));
            Assert.That(new[] { alive, _unloaded.Alive }, Has.All.Zero, "replaced versions that are still in memory");
            Assert.That(after2000 - after1000, Is.LessThan(Most), "bytes that the second thousand left behind");
        });
    }

    // What callers got that no version gives; a thousand would say no more than ten.
    private string[] SwapAll(ScriptImage[] images)
    {
        var wrong = new string?[Callers];
        using var ended = new CancellationTokenSource();
        Thread[] callers = [.. Enumerable.Range(0, Callers).Select(number => new Thread(() => wrong[number] = Call(ended.Token)))];
        Array.ForEach(callers, caller => caller.Start());
        for (var i = 0; i < Swaps; i++)
        {
            Replace(images[i % images.Length]);
        }

        ended.Cancel();
        Array.ForEach(callers, caller => caller.Join());
        return [.. wrong.OfType<string>()];
    }

    // Not inlined: a caller's frame may hold on to what passed through it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Replace(ScriptImage image)
    {
        if (Interlocked.Exchange(ref _current, Load(image)) is { } replaced)
        {
            _unloaded.Retire(replaced);
        }
    }

    private string? Call(CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            var outcome = Volatile.Read(ref _current)!.Parse(1, 2, 3);
            Interlocked.Increment(ref _calls);

            // Where processors are few, the one who swaps must have one, too.
            Thread.Yield();
            if (!outcome.Succeeded)
            {
                return outcome.Failure.Message;
            }

            string[] values = [.. outcome.Value.SelectMany(reading => reading.Values).Select(value => value.ToString()).Distinct()];
            if (values.Length != 1 || outcome.Value.Count != 3)
            {
                return $"{outcome.Value.Count} readings: {string.Join(", ", values)}";
            }
        }

        return null;
    }

    private static ScriptImage Image(int version)
    {
        var number = version.ToString(CultureInfo.InvariantCulture);
        var (image, problems) = ScriptCompiler.Translate(new ScriptSource(Scripts.Name, $$"""
            static readonly int Number = {{number}};
            record Sample(int Number);
            IEnumerable<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config)
            {
                var samples = new List<Sample>();
                foreach (var b in payload) samples.Add(new(Number));
                return samples.Select(sample => new Reading("A", sample.Number, Number) { Metadata = new Dictionary<string, ReadingValue> { ["version"] = {{number}} } });
            }
            {{Scripts.NoCommands}}
            """));
        Assert.That(problems, Is.Empty);
        return image!;
    }

    private static CompiledScript Load(ScriptImage image) => ScriptLoader.Load(image, ScriptLimits.Default).Script!;

    private void Collect()
    {
        for (var attempt = 0; attempt < 20 && _unloaded.Alive > 0; attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
