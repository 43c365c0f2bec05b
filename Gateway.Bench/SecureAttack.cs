using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gateway.Coap;
using Gateway.Coap.Dtls;

namespace Gateway.Bench;

/// <summary>Strangers beside devices: forged records at a fixed rate, and ClientHellos from addresses that nobody has.</summary>
internal sealed class SecureAttack(SecureServerProcess server, CoapMetrics metrics)
{
    private const int Devices = 50;
    private const int ExchangesPerSecond = 1000;
    private const int ForgedPerSecond = 10_000;
    private const int HellosPerSecond = 10_000;
    private const int StrangerCount = 64;

    // Where a protected record has its number, less its first byte, and a ClientHello its random.
    private const int SequenceAt = 6;
    private const int RandomAt = 27;
    private const int RandomSize = 32;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan HandshakePause = TimeSpan.FromMilliseconds(100);

    /// <summary>Devices alone, beside forged records from their own addresses, which are tried each time, and from elsewhere, which are held back.</summary>
    public async Task ForgeAsync(StringBuilder text, int rounds, TimeSpan span)
    {
        var devices = Enumerable.Range(0, Devices).Select(_ => new SecureBenchDevice(server.Secure, SecureBenchDevice.Security, metrics)).ToList();
        var records = await Task.WhenAll(devices.Select(async device => Forge(await device.EstablishAsync())));
        using var elsewhere = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        elsewhere.Connect(server.Secure);
        Row[] rows =
        [
            new("none", null),
            new("from the devices' own addresses", (number, record) => devices[number].Send(record)),
            new("from elsewhere, under the devices' Connection IDs", (_, record) => elsewhere.Send(record)),
        ];
        for (var round = 0; round < rounds; round++)
        {
            foreach (var row in rows)
            {
                row.Figures.Add(await RunAsync(devices, records, row.Send, span));
            }
        }

        devices.ForEach(device => device.Dispose());
        text.AppendLine(CultureInfo.InvariantCulture, $"| {ForgedPerSecond:N0} forged records/s beside {ExchangesPerSecond:N0} exchanges/s | forged | tried | exchanges | lost | p50 / p99 | server's CPU per forged record |");
        text.AppendLine("|---|---|---|---|---|---|---|");
        foreach (var row in rows)
        {
            var cost = row.Send is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{Figures.Median(row.Figures.Zip(rows[0].Figures, (own, alone) => (own.Processor - alone.Processor) / own.Forged)):F1} µs");
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {row.Name} | {row.Figures.Sum(figure => figure.Forged):N0} | {row.Figures.Sum(figure => figure.Tried):N0} | {row.Figures.Sum(figure => figure.Exchanges):N0} | {row.Figures.Sum(figure => figure.Lost)} | {Figures.Median(row.Figures.Select(figure => figure.P50)) / 1000:F2} / {Figures.Median(row.Figures.Select(figure => figure.P99)) / 1000:F1} ms | {cost} |");
        }

        text.AppendLine();
    }

    /// <summary>ClientHellos from many addresses, half of them with a cookie that was another's, while devices shake hands.</summary>
    public async Task GreetAsync(StringBuilder text, int count)
    {
        var (hello, withCookie) = await HellosAsync();
        using var device = new SecureBenchDevice(server.Secure, SecureBenchDevice.Security, metrics);
        await device.EstablishAsync();
        using var strangers = new Strangers(server.Secure, hello, withCookie);
        await PaceAsync(HellosPerSecond, TimeSpan.FromSeconds((double)count / 10 / HellosPerSecond), strangers.Greet);
        var (before, processor) = (server.Ask(), server.ProcessorTime);
        var greeting = PaceAsync(HellosPerSecond, TimeSpan.FromSeconds((double)count / HellosPerSecond), strangers.Greet);
        var times = new List<double>();
        using var pause = new PeriodicTimer(HandshakePause, TimeProvider.System);
        do
        {
            var started = Stopwatch.GetTimestamp();
            await device.EstablishAnewAsync();
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            await pause.WaitForNextTickAsync();
        }
        while (!greeting.IsCompleted);
        var greeted = await greeting;
        var cost = (server.ProcessorTime - processor).TotalMicroseconds / greeted;
        var after = server.Ask();
        text.AppendLine(CultureInfo.InvariantCulture,
            $"{greeted:N0} ClientHellos at {HellosPerSecond:N0}/s from {StrangerCount} addresses, half of them with somebody else's cookie: the server's heap went from {before.Heap / 1048576.0:F1} to {after.Heap / 1048576.0:F1} MiB, {after.Handshakes - before.Handshakes} more handshakes were under way, and its CPU was {cost:F1} µs for each. All {times.Count} handshakes that a device began meanwhile succeeded (their CPU is in that figure), in {Figures.Median(times):F1} ms at the median and {times.Max():F0} ms at most.");
    }

    // A record that is right but for its tag. Its number is one that has not come.
    private static byte[] Forge(Association session)
    {
        var room = new byte[200];
        var record = room[..session.Seal(RecordType.ApplicationData, Frames.Efento, room)];
        record[^1] ^= 1;
        return record;
    }

    private static void Renumber(byte[] record, long number)
    {
        for (var at = 0; at < 5; at++)
        {
            record[SequenceAt + at] = (byte)((0x8000000000 + number) >> (8 * (4 - at)));
        }
    }

    private async Task<Figure> RunAsync(List<SecureBenchDevice> devices, byte[][] records, Action<int, byte[]>? send, TimeSpan span)
    {
        var before = server.Ask();
        var processor = server.ProcessorTime;
        var forging = send is null ? Task.FromResult(0L) : PaceAsync(ForgedPerSecond, span, number =>
        {
            var at = (int)(number % devices.Count);
            Renumber(records[at], number);
            send(at, records[at]);
        });
        var times = new List<double>();
        var lost = 0;
        var asked = new List<Task>();
        await PaceAsync(ExchangesPerSecond, span, number => asked.Add(ExchangeAsync(devices[(int)(number % devices.Count)])));
        await Task.WhenAll(asked);
        var forged = await forging;
        var took = (server.ProcessorTime - processor).TotalMicroseconds;
        return new Figure(forged, server.Ask().Forged - before.Forged, times.Count, lost, Figures.Median(times), Figures.Percentile(times, 99), took);

        async Task ExchangeAsync(SecureBenchDevice device)
        {
            var asked = Stopwatch.GetTimestamp();
            try
            {
                await device.ExchangeAsync();
                lock (times)
                {
                    times.Add(Stopwatch.GetElapsedTime(asked).TotalMicroseconds);
                }
            }
            catch (CoapClientException)
            {
                Interlocked.Increment(ref lost);
            }
        }
    }

    // On a thread of its own: the pool has few, and answers need them.
    private static Task<long> PaceAsync(int perSecond, TimeSpan span, Action<long> act) =>
        Task.Factory.StartNew(() => Pace(perSecond, span, act), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    // At fixed instants, so that a slow server gets no less.
    private static long Pace(int perSecond, TimeSpan span, Action<long> act)
    {
        var (started, done) = (Stopwatch.GetTimestamp(), 0L);
        using var never = new ManualResetEvent(false);
        for (var elapsed = TimeSpan.Zero; elapsed < span; elapsed = Stopwatch.GetElapsedTime(started))
        {
            for (; done < elapsed.TotalSeconds * perSecond; done++)
            {
                act(done);
            }

            never.WaitOne(Tick);
        }

        return done;
    }

    // The two that a handshake begins with.
    private async Task<(byte[] Hello, byte[] WithCookie)> HellosAsync()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(server.Secure);
        var said = new List<byte[]>();
        var transport = new ClientTransport(datagram =>
        {
            said.Add(datagram.ToArray());
            socket.Send(datagram.Span);
        });
        var shaking = Task.Run(() => ClientHandshake.Run(transport, SecureBenchDevice.Security, TransmissionParameters.Default));
        var buffer = new byte[2048];
        while (said.Count < 2)
        {
            transport.Hear(buffer.AsSpan(0, await socket.ReceiveAsync(buffer)));
        }

        transport.Fail(new CoapClientException(CoapClientError.Closed, "that was enough"));
        await Task.WhenAny(shaking);
        return (said[0], said[1]);
    }

    private sealed class Strangers(IPEndPoint server, byte[] hello, byte[] withCookie) : IDisposable
    {
        private readonly Random _random = new(4);

        // All of 127.0.0.0/8 is this machine's, so each has an address of its own.
        private readonly List<Socket> _sockets = [.. Enumerable.Range(1, StrangerCount).Select(number =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(OperatingSystem.IsLinux() ? new IPAddress([127, (byte)number, 3, 7]) : IPAddress.Loopback, 0));
            return socket;
        })];

        public void Greet(long number)
        {
            var datagram = number % 2 == 0 ? hello : withCookie;
            _random.NextBytes(datagram.AsSpan(RandomAt, RandomSize));
            _sockets[(int)(number % StrangerCount)].SendTo(datagram, server);
        }

        public void Dispose() => _sockets.ForEach(socket => socket.Dispose());
    }

    private sealed record Figure(long Forged, long Tried, int Exchanges, int Lost, double P50, double P99, double Processor);

    private sealed record Row(string Name, Action<int, byte[]>? Send)
    {
        public List<Figure> Figures { get; } = [];
    }
}
