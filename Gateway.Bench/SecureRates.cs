using System.Diagnostics;
using Gateway.Coap;
using Gateway.Coap.Dtls;

namespace Gateway.Bench;

/// <summary>
/// What DTLS costs beside plain CoAP, in time and in memory, and what strangers cost who send forged records and ClientHellos. The server is a
/// process of its own with one thread that receives; the devices are our own client, on the same processors.
/// </summary>
internal sealed class SecureRates : IDisposable
{
    private const int Devices = 32;
    private const int Window = 2;
    private const int LatencyExchanges = 1500;
    private const int Shakers = 4;

    private static readonly RecordSuite CounterSuite = Suite("PSK_WITH_AES_128_CCM_8");
    private static readonly RecordSuite GaloisSuite = Suite("PSK_WITH_AES_128_GCM_SHA256");
    private static readonly RecordSuite EphemeralSuite = Suite("ECDHE_PSK_WITH_AES_128_CCM_8_SHA256");

    private readonly SecureServerProcess _server = new();
    private readonly CoapMetrics _metrics = new(LoneMeters.Instance);
    private readonly TimeSpan _span;
    private readonly int _rounds;

    private SecureRates(int rounds, double seconds) => (_rounds, _span) = (rounds, TimeSpan.FromSeconds(seconds));

    /// <summary>Runs so many rounds of so many seconds, prints the tables, and puts them into docs/performance.md if that is wanted.</summary>
    public static async Task RunAsync(int rounds, double seconds, int sessions, bool write)
    {
        using var rates = new SecureRates(rounds, seconds);
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Machine.Line}; {rounds} rounds of {seconds} s each, medians; a POST of {Frames.Efento.Length} bytes, answered empty by the engine alone.");
        text.AppendLine();
        await rates.WarmUpAsync();
        await rates.CompareAsync(text);
        await rates.ShakeHandsAsync(text);
        await new SecureAttack(rates._server, rates._metrics).ForgeAsync(text, rounds, rates._span);
        await rates.RememberAsync(text, sessions);
        Tell("dtls", text, write);
    }

    /// <summary>Lets strangers greet the server so many times.</summary>
    public static async Task GreetAsync(int hellos, bool write)
    {
        using var rates = new SecureRates(rounds: 1, seconds: 1);
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Machine.Line}.");
        text.AppendLine();
        await rates.WarmUpAsync();
        await new SecureAttack(rates._server, rates._metrics).GreetAsync(text, hellos);
        Tell("dtls-hellos", text, write);
    }

    public void Dispose() => _server.Dispose();

    private static void Tell(string section, StringBuilder text, bool write)
    {
        Console.WriteLine(text);
        if (write)
        {
            PerformancePage.Write(section, text.ToString());
        }
    }

    private static RecordSuite Suite(string name) => RecordSuite.All.Single(suite => suite.Name == name);

    private static DtlsClientSettings With(RecordSuite suite) => SecureBenchDevice.Security with { Suites = [suite] };

    private async Task WarmUpAsync()
    {
        foreach (var security in new[] { null, With(CounterSuite), With(GaloisSuite) })
        {
            await ExchangeAsync(security, TimeSpan.FromSeconds(2));
        }
    }

    private async Task CompareAsync(StringBuilder text)
    {
        Way[] ways = [new("plain CoAP", null), new("DTLS, AES-128-CCM_8", With(CounterSuite)), new("DTLS, AES-128-GCM", With(GaloisSuite))];
        for (var round = 0; round < _rounds; round++)
        {
            foreach (var way in round % 2 == 0 ? ways : ways.Reverse())
            {
                way.Loads.Add(await ExchangeAsync(way.Security, _span));
                way.Latencies.Add(await LatencyAsync(way.Security));
            }
        }

        text.AppendLine("| | server's CPU per exchange | ratio | exchanges/s | ratio | p50 / p99, one at a time | ratio of p50 |");
        text.AppendLine("|---|---|---|---|---|---|---|");
        foreach (var way in ways)
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {way.Name} | {way.Median(load => load.Processor):F1} µs | {way.Ratio(ways[0], load => load.Processor):F2} | {way.Median(load => load.PerSecond):N0} | {way.Ratio(ways[0], load => load.PerSecond):F2} | {Figures.Median(way.Latencies.Select(latency => latency.P50)):F0} / {Figures.Median(way.Latencies.Select(latency => latency.P99)):F0} µs | {Figures.Median(way.Latencies.Zip(ways[0].Latencies, (own, plain) => own.P50 / plain.P50)):F2} |");
        }

        text.AppendLine();
    }

    private async Task ShakeHandsAsync(StringBuilder text)
    {
        text.AppendLine("| handshakes | a second, both sides on these processors | server's CPU for one | ratio |");
        text.AppendLine("|---|---|---|---|");
        var first = 0.0;
        foreach (var suite in new[] { CounterSuite, GaloisSuite, EphemeralSuite })
        {
            var loads = new List<Load>();
            for (var round = 0; round < _rounds; round++)
            {
                loads.Add(await ShakeHandsAsync(suite));
            }

            var processor = Figures.Median(loads.Select(load => load.Processor));
            first = first == 0 ? processor : first;
            text.AppendLine(CultureInfo.InvariantCulture, $"| {suite.Name} | {Figures.Median(loads.Select(load => load.PerSecond)):N0} | {processor / 1000:F2} ms | {processor / first:F2} |");
        }

        text.AppendLine();
    }

    private async Task RememberAsync(StringBuilder text, int sessions)
    {
        var devices = await ConnectAsync(With(CounterSuite), Shakers);
        var before = _server.Ask();
        await Task.WhenAll(devices.Select(device => Task.Run(async () =>
        {
            for (var number = 0; number < sessions / Shakers; number++)
            {
                await device.EstablishAnewAsync();
                device.Ping();
            }
        })));
        await devices[0].ExchangeAsync();
        var after = _server.Ask();
        devices.ForEach(device => device.Dispose());
        text.AppendLine(CultureInfo.InvariantCulture,
            $"Memory: {after.Sessions - before.Sessions:N0} more sessions, each of which has sent a ping, took {(after.Heap - before.Heap) / 1024.0:N0} KiB of the server's heap, **{(double)(after.Heap - before.Heap) / (after.Sessions - before.Sessions):F0} bytes each**, with the tables that they are found by.");
    }

    private async Task<Load> ExchangeAsync(DtlsClientSettings? security, TimeSpan span)
    {
        var devices = await ConnectAsync(security, Devices);
        var (before, started, count) = (_server.ProcessorTime, Stopwatch.GetTimestamp(), 0L);
        await Task.WhenAll(Enumerable.Range(0, Devices * Window).Select(number => Task.Run(async () =>
        {
            while (Stopwatch.GetElapsedTime(started) < span)
            {
                await devices[number / Window].ExchangeAsync();
                Interlocked.Increment(ref count);
            }
        })));
        var (took, processor) = (Stopwatch.GetElapsedTime(started), _server.ProcessorTime - before);
        devices.ForEach(device => device.Dispose());
        return new Load(count / took.TotalSeconds, processor.TotalMicroseconds / count);
    }

    private async Task<Latency> LatencyAsync(DtlsClientSettings? security)
    {
        var devices = await ConnectAsync(security, 1);
        var times = new List<double>(LatencyExchanges);
        for (var number = 0; number < LatencyExchanges; number++)
        {
            var started = Stopwatch.GetTimestamp();
            await devices[0].ExchangeAsync();
            times.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
        }

        devices[0].Dispose();
        return new Latency(Figures.Median(times), Figures.Percentile(times, 99));
    }

    private async Task<Load> ShakeHandsAsync(RecordSuite suite)
    {
        var devices = await ConnectAsync(With(suite), Shakers);
        var (before, started, count) = (_server.ProcessorTime, Stopwatch.GetTimestamp(), 0L);
        await Task.WhenAll(devices.Select(device => Task.Run(async () =>
        {
            while (Stopwatch.GetElapsedTime(started) < _span)
            {
                await device.EstablishAnewAsync();
                Interlocked.Increment(ref count);
            }
        })));
        var (took, processor) = (Stopwatch.GetElapsedTime(started), _server.ProcessorTime - before);
        devices.ForEach(device => device.Dispose());
        return new Load(count / took.TotalSeconds, processor.TotalMicroseconds / count);
    }

    private async Task<List<SecureBenchDevice>> ConnectAsync(DtlsClientSettings? security, int count)
    {
        var devices = Enumerable.Range(0, count).Select(_ => new SecureBenchDevice(security is null ? _server.Plain : _server.Secure, security, _metrics)).ToList();
        if (security is not null)
        {
            await Task.WhenAll(devices.Select(device => device.EstablishAsync()));
        }

        return devices;
    }

    private readonly record struct Load(double PerSecond, double Processor);

    private readonly record struct Latency(double P50, double P99);

    private sealed record Way(string Name, DtlsClientSettings? Security)
    {
        public List<Load> Loads { get; } = [];

        public List<Latency> Latencies { get; } = [];

        public double Median(Func<Load, double> figure) => Figures.Median(Loads.Select(figure));

        // Round by round: what slows the machine for a while slows both.
        public double Ratio(Way to, Func<Load, double> figure) => Figures.Median(Loads.Zip(to.Loads, (own, other) => figure(own) / figure(other)));
    }
}
