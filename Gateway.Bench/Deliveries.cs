using System.Diagnostics.Metrics;
using Gateway.Journal;
using Gateway.Scripting;
using Gateway.Sinks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Bench;

/// <summary>
/// <c>deliveries</c>: what a frame costs after it was answered. A journal is filled, and a file sink brings all of it into its file; processor
/// time and garbage are those of this process, with nothing else in it.
/// </summary>
internal static class Deliveries
{
    private const int AtOnce = 200;

    /// <param name="frames">How many frames a round.</param>
    /// <param name="readings">How many readings are in each, a multiple of six.</param>
    /// <param name="rounds">How many rounds.</param>
    public static async Task RunAsync(int frames, int readings, int rounds)
    {
        var frame = Frame(readings);
        Machine.Describe($"{frames} frames of {readings} readings ({frame.Readings.Length} bytes of JSON) a round, {rounds} rounds");
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        List<(double Processor, double Garbage)> figures = [];
        for (var round = 0; round < rounds + 3; round++)
        {
            var figure = await RoundAsync(frame, frames, meters);
            if (round >= 3)
            {
                figures.Add(figure);
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"each frame: {Figures.Median(figures.Select(figure => figure.Processor)):F2} µs of CPU (lowest {figures.Min(figure => figure.Processor):F2}), {Figures.Median(figures.Select(figure => figure.Garbage)):F0} bytes allocated"));
    }

    private static JournalRecord Frame(int count)
    {
        var few = new EfentoInHost().Parse(Frames.Efento, Frames.Config, Frames.Request);
        List<Reading> readings = [.. Enumerable.Range(0, count).Select(i => few[i % few.Count] with { Timestamp = few[0].Timestamp?.AddMinutes(i) })];
        return Frames.Record([.. ReadingLines.Write(readings, Frames.Config, Frames.Request, [], int.MaxValue)!.Value]);
    }

    private static async Task<(double Processor, double Garbage)> RoundAsync(JournalRecord frame, int frames, IMeterFactory meters)
    {
        var folder = Directory.CreateTempSubdirectory("gateway-bench-").FullName;
        try
        {
            var settings = new Dictionary<string, SinkSettings>
            {
                ["file"] = new FileSinkSettings
                {
                    Path = Path.Combine(folder, "readings.ndjson"),
                    GatherMilliseconds = 0,
                    DeadLetters = new DeadLetterSettings { Path = folder },
                },
            };
            await using var journal = new SqliteJournal(
                new JournalSettings { Path = Path.Combine(folder, "journal.db"), MinFreeMegabytes = 0 }, SinkFactory.CursorNames(settings), TimeProvider.System,
                new JournalMetrics(meters), NullLogger<SqliteJournal>.Instance);
            await journal.StartAsync(CancellationToken.None);
            for (var sent = 0; sent < frames; sent += AtOnce)
            {
                await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => journal.AppendAsync(frame, CancellationToken.None).AsTask()));
            }

            await using var dispatcher = new SinkDispatcher(
                SinkFactory.Create(settings, Stream.Null, TimeProvider.System, NullLogger.Instance), journal, TimeProvider.System, new Random(1), new SinkMetrics(meters),
                ExchangeTraces.Off, NullLogger<SinkDispatcher>.Instance);
            using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
            var (processor, garbage) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true));
            await dispatcher.StartAsync(CancellationToken.None);
            while (journal.Cursor("sink/file") < journal.LastSequence)
            {
                await ticks.WaitForNextTickAsync();
            }

            (processor, garbage) = (Environment.CpuUsage.TotalTime - processor, GC.GetTotalAllocatedBytes(precise: true) - garbage);
            await dispatcher.StopAsync(CancellationToken.None);
            return (processor.TotalMicroseconds / frames, (double)garbage / frames);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
