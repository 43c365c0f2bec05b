using System.Diagnostics;
using System.Diagnostics.Metrics;
using Gateway.Journal;
using Gateway.Sinks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Bench;

/// <summary>
/// <c>sinks</c>: what a sink that nobody answers costs the devices and the sink beside it. Frames go into a journal as fast as it takes them, with a
/// file sink alone and with a dead webhook beside it, in turn.
/// </summary>
internal static class SinkRates
{
    private const int Frames = 50_000;
    private const int InFlight = 2_000;
    private const int ReadingsOfFrame = 6;

    // Nobody listens on this port of the loopback address: the connection is refused at once, which is the busiest way to be dead.
    private const string DeadUrl = "http://127.0.0.1:9/";

    private static readonly JournalRecord Frame = new()
    {
        RequestId = "bench",
        ReceivedAt = DateTimeOffset.UnixEpoch,
        DeviceId = "282c02424eed",
        Profile = "efento",
        Method = "POST",
        Path = "/m",
        Peer = "127.0.0.1:40000",
        Confirmable = true,
        ScriptRef = "efento.csx",
        ScriptVersion = "0123456789ab",
        Payload = new byte[94],
        Outcome = FrameOutcome.Parsed,
        Readings = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(
            """{"device_id":"282c02424eed","index":"TEMPERATURE","values":[21.5],"unit":"Cel","timestamp":"2026-11-24T00:00:00Z","label":null,"metadata":{"is_error":false,"battery_ok":true,"channel_number":1},"request_id":"bench"}""" + "\n",
            ReadingsOfFrame))),
        ReadingCount = ReadingsOfFrame,
    };

    /// <param name="pairs">How many rounds of each.</param>
    public static async Task RunAsync(int pairs)
    {
        Machine.Describe($"{Frames} frames of {ReadingsOfFrame} readings a round, {pairs} rounds of each");
        List<Rates> alone = [];
        List<Rates> beside = [];
        await RoundAsync(withDeadSink: true);
        for (var pair = 0; pair < pairs; pair++)
        {
            // A B B A: a machine that drifts decides nothing.
            foreach (var withDeadSink in pair % 2 == 0 ? [false, true] : (bool[])[true, false])
            {
                (withDeadSink ? beside : alone).Add(await RoundAsync(withDeadSink));
            }
        }

        Console.WriteLine("                      alone   beside a dead sink   ratio");
        Tell("frames/s taken", rates => rates.Taken);
        Tell("readings/s delivered", rates => rates.Delivered);

        void Tell(string what, Func<Rates, double> rate)
        {
            var (without, with) = (Figures.Median(alone.Select(rate)), Figures.Median(beside.Select(rate)));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-20} {without,6:F0} {with,20:F0} {with / without,7:F2}"));
        }
    }

    private static async Task<Rates> RoundAsync(bool withDeadSink)
    {
        var folder = Directory.CreateTempSubdirectory("gateway-bench-").FullName;
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        try
        {
            return await RoundAsync(SinksIn(folder, withDeadSink), folder, services.GetRequiredService<IMeterFactory>());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Dictionary<string, SinkSettings> SinksIn(string folder, bool withDeadSink)
    {
        var deadLetters = new DeadLetterSettings { Path = folder };
        var sinks = new Dictionary<string, SinkSettings>
        {
            ["file"] = new FileSinkSettings { Path = Path.Combine(folder, "readings.ndjson"), DeadLetters = deadLetters },
        };
        if (withDeadSink)
        {
            sinks.Add("web", new HttpSinkSettings { Url = DeadUrl, DeadLetters = deadLetters });
        }

        return sinks;
    }

    private static async Task<Rates> RoundAsync(Dictionary<string, SinkSettings> settings, string folder, IMeterFactory meters)
    {
        await using var journal = new SqliteJournal(
            new JournalSettings { Path = Path.Combine(folder, "journal.db"), MinFreeMegabytes = 0 }, SinkFactory.CursorNames(settings), TimeProvider.System,
            new JournalMetrics(meters), NullLogger<SqliteJournal>.Instance);
        await journal.StartAsync(CancellationToken.None);
        await using var dispatcher = new SinkDispatcher(
            SinkFactory.Create(settings, Stream.Null, TimeProvider.System, NullLogger.Instance), journal, TimeProvider.System, new Random(1), new SinkMetrics(meters),
            ExchangeTraces.Off, NullLogger<SinkDispatcher>.Instance);
        await dispatcher.StartAsync(CancellationToken.None);

        var started = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(0, InFlight, new ParallelOptions { MaxDegreeOfParallelism = InFlight }, async (_, cancellation) =>
        {
            for (var i = 0; i < Frames / InFlight; i++)
            {
                await journal.AppendAsync(Frame, cancellation);
            }
        });
        var taken = Stopwatch.GetElapsedTime(started);
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (dispatcher.Status.Single(sink => sink.Name == "file").Lag > 0)
        {
            await ticks.WaitForNextTickAsync();
        }

        var delivered = Stopwatch.GetElapsedTime(started);
        await dispatcher.StopAsync(CancellationToken.None);
        return new Rates(Frames / taken.TotalSeconds, Frames * ReadingsOfFrame / delivered.TotalSeconds);
    }

    /// <param name="Taken">Frames a second that the journal has taken.</param>
    /// <param name="Delivered">Readings a second that have reached the file, from the first frame to the last reading.</param>
    private sealed record Rates(double Taken, double Delivered);
}
