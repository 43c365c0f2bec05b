using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gateway.Coap;
using Gateway.Coap.Dtls;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Coap.Dtls;

/// <summary>Strangers who send what only looks like a device's.</summary>
internal sealed class ForgeryTests
{
    private const int UsualHellos = 3000;
    private const int UsualExchanges = 200;

    // What the collector may leave behind of all that went through.
    private const long FlatBytes = 2_000_000;

    [TestCase(true)]
    [TestCase(false)]
    public async Task Forged_records_cost_no_exchange_and_no_session(bool connectionId)
    {
        await using var server = await SecureServer.StartAsync();
        using var link = new UdpLink(server.EndPoint);
        using var device = new SecureDevice(link.EndPoint, SecureDevice.Sensor1 with { ConnectionId = connectionId ? [] : null });
        await device.AskAsync();
        var session = server.Layer.Associations.ToArray().Single();
        using var stranger = new Stranger(server.EndPoint);
        using var stop = new CancellationTokenSource();
        var flood = Task.Run(() => Flood(link, stranger, stop.Token));

        var exchanges = Setting("DTLS_EXCHANGES", UsualExchanges);
        for (var number = 0; number < exchanges; number++)
        {
            Assert.That(await device.AskAsync(), Is.EqualTo("device-1|0"));
        }

        await stop.CancelAsync();
        var forged = await flood;
        Assert.That(forged, Is.GreaterThan(exchanges));
        Assert.That(server.Asked, Is.EqualTo(exchanges + 1));
        Assert.That(server.Layer.Associations.ToArray(), Is.EqualTo(new[] { session }));
        Assert.That(session.Source.Port, Is.EqualTo(link.Seen.Port));
        Assert.That(server.Layer.Metrics.CountOf(DtlsDrop.Forged), Is.Positive);
    }

    [Test]
    public async Task Hellos_from_addresses_that_nobody_has_cost_no_memory_and_no_handshake()
    {
        await using var server = await SecureServer.StartAsync();
        using var link = new UdpLink(server.EndPoint);
        using var device = new SecureDevice(link.EndPoint);
        await device.AskAsync();
        var hello = link.Sent[0];
        var withCookie = link.Sent[1];
        using var strangers = new Strangers(server.EndPoint);
        strangers.Send(hello, withCookie, 100);
        await device.AskAsync();
        var before = GC.GetTotalMemory(forceFullCollection: true);

        strangers.Send(hello, withCookie, Setting("DTLS_HELLOS", UsualHellos));
        using var newcomer = new SecureDevice(server.EndPoint);

        Assert.That(await newcomer.AskAsync(), Is.EqualTo("device-1|0"));
        Assert.That(GC.GetTotalMemory(forceFullCollection: true) - before, Is.LessThan(FlatBytes));
        Assert.That((server.Layer.Handshakes.Count, server.Layer.Associations.Count), Is.EqualTo((0, 2)));
    }

    [Test]
    public void A_forged_record_from_a_session_s_own_address_never_silences_it()
    {
        using var bench = new OneSession(named: true);
        bench.Forge(3000, bench.Home);

        bench.Take(bench.Next(), bench.Home);

        Assert.That(bench.Heard, Is.EqualTo(1));
        Assert.That(bench.Dropped(DtlsDrop.HeldBack), Is.Zero);
    }

    [Test]
    public void A_prefix_that_forges_is_held_back_and_the_others_are_not()
    {
        using var bench = new OneSession(named: true);
        bench.Forge(1500, bench.Elsewhere);
        Assert.That((bench.Dropped(DtlsDrop.Forged), bench.Dropped(DtlsDrop.HeldBack)), Is.EqualTo((1000, 500)));

        bench.Take(bench.Next(), bench.Elsewhere);
        Assert.That(bench.Heard, Is.Zero);

        bench.Take(bench.Next(), bench.Abroad);
        Assert.That((bench.Heard, bench.Session.Source), Is.EqualTo((1, bench.Abroad)));

        bench.Time.Advance(TimeSpan.FromSeconds(1));
        bench.Take(bench.Next(), bench.Elsewhere);
        Assert.That((bench.Heard, bench.Session.Source), Is.EqualTo((2, bench.Elsewhere)));
    }

    private static int Setting(string name, int usual) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : usual;

    // Records with the right id, number and address and a wrong tag, at the device's address and elsewhere.
    private static int Flood(UdpLink link, Stranger stranger, CancellationToken stop)
    {
        var forged = link.Sent[^1].ToArray();
        var random = new Random(9);
        var count = 0;
        for (; !stop.IsCancellationRequested; count++)
        {
            random.NextBytes(forged.AsSpan(forged.Length - 8));
            forged[9] = (byte)count;
            if (count % 2 == 0)
            {
                link.SendAsDevice(forged);
            }
            else
            {
                stranger.Send(forged);
            }

            if (count % 16 == 0)
            {
                Thread.Yield();
            }
        }

        return count;
    }

    private sealed class Stranger(IPEndPoint server) : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

        public void Send(byte[] datagram) => _socket.SendTo(datagram, server);

        public void Dispose() => _socket.Dispose();
    }

    // All of 127.0.0.0/8 is this machine's, so each has an address of its own.
    private sealed class Strangers(IPEndPoint server) : IDisposable
    {
        private readonly Random _random = new(3);
        private readonly List<Socket> _sockets = [];

        public void Send(byte[] hello, byte[] withCookie, int count)
        {
            while (_sockets.Count < 64)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                socket.Bind(new IPEndPoint(OperatingSystem.IsLinux() ? new IPAddress([127, (byte)_random.Next(1, 255), (byte)_sockets.Count, 7]) : IPAddress.Loopback, 0));
                _sockets.Add(socket);
            }

            for (var number = 0; number < count; number++)
            {
                // The random of the client, behind the heads and the version, is another one each time.
                var datagram = (number % 2 == 0 ? hello : withCookie).ToArray();
                _random.NextBytes(datagram.AsSpan(27, 32));
                _sockets[number % _sockets.Count].SendTo(datagram, server);
                if (number % 64 == 0)
                {
                    Thread.Yield();
                }
            }
        }

        public void Dispose() => _sockets.ForEach(socket => socket.Dispose());
    }

    // A session in front of the layer, without a socket.
    private sealed class OneSession : IDisposable
    {
        private readonly DtlsLayer _layer;
        private readonly DtlsSocket _socket;
        private readonly Association _client;
        private readonly byte[] _room = new byte[2048];

        public OneSession(bool named)
        {
            _layer = new DtlsLayer(new DtlsSettings(), new TestKeys(), new TestKeys(), Time, new DtlsMetrics(LoneMeters.Instance), new RecordedLog<DtlsLayer>());
            _socket = _layer.Wrap(new SilentSocket());
            _socket.Receive(new Receiver((_, _) => Heard++));
            var number = HandshakeConnectionId.New(0);
            Session = SessionPair.Server(number, Home, Time.GetTimestamp(), named, _socket);
            _client = SessionPair.Client(number, Home, named);
            _layer.Associations.Add(Session);
        }

        public FakeTimeProvider Time { get; } = new();

        public Association Session { get; }

        public int Heard { get; private set; }

        public Peer Home { get; } = At("10.1.2.3");

        public Peer Elsewhere { get; } = At("10.7.7.7");

        public Peer Abroad { get; } = At("192.0.2.1");

        public byte[] Next() => _client.Seal("news"u8);

        public void Take(byte[] datagram, in Peer source) => _layer.Take(source, datagram, _socket, _room);

        public void Forge(int count, in Peer source)
        {
            var forged = Next();
            forged[^4] ^= 1;
            for (var number = 0; number < count; number++)
            {
                forged[^1]++;
                Take(forged, source);
            }
        }

        public void Dispose() => _layer.Dispose();

        public long Dropped(DtlsDrop reason) => _layer.Metrics.CountOf(reason);

        private static Peer At(string address) => Peer.From(new IPEndPoint(IPAddress.Parse(address), 5683));
    }
}
