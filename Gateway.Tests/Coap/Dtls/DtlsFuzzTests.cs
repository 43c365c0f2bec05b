using System.Collections.Concurrent;
using System.Net;
using Gateway.Coap;
using Gateway.Coap.Dtls;
using Gateway.Tests.Coap.Fuzz;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Coap.Dtls;

/// <summary>Handshakes and records of which somebody has changed, doubled, cut or left out something on the way.</summary>
internal sealed class DtlsFuzzTests
{
    private const int UsualHandshakes = 150;
    private const int UsualRecords = 20_000;
    private const int AtATime = 4;

    // A client gives up after half a second.
    private static readonly TransmissionParameters Patience = new() { AckTimeout = TimeSpan.FromMilliseconds(20), MaxRetransmit = 4 };

    private static readonly string[] Suites =
        ["PSK_WITH_AES_128_CCM_8", "PSK_WITH_AES_128_GCM_SHA256", "ECDHE_PSK_WITH_AES_128_CCM_8_SHA256", "ECDHE_PSK_WITH_AES_256_GCM_SHA384"];

    [TestCaseSource(typeof(FuzzPlan), nameof(FuzzPlan.Seeds))]
    public async Task Handshakes_that_somebody_meddles_with_end_and_leave_nothing_behind(int seed)
    {
        using var bench = new FuzzBench();
        var outcomes = new ConcurrentBag<bool>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, FuzzPlan.Cases(UsualHandshakes)), new ParallelOptions { MaxDegreeOfParallelism = AtATime },
            async (number, cancellation) => outcomes.Add(await Task.Run(() => bench.ShakeHands(seed + (number * 7919), Suites[number % Suites.Length]), cancellation)));

        await Eventually.HoldsAsync(() => bench.IsEmptyLater(), "half of a handshake is forgotten after its time");
        Assert.That(outcomes, Does.Contain(true), "some get through");
        Assert.That(outcomes, Does.Contain(false), "and some do not");
        Assert.That(bench.Layer.Associations.Count, Is.InRange(outcomes.Count(isOpen => isOpen), outcomes.Count));
        bench.Log.ExpectNoErrors();

        Assert.That(bench.ShakeHands(seed, Suites[0], meddles: false), Is.True, "and the next one gets its session");
    }

    [TestCaseSource(typeof(FuzzPlan), nameof(FuzzPlan.Seeds))]
    public void Records_that_somebody_meddles_with_reach_nobody_and_end_no_session(int seed)
    {
        using var bench = new FuzzBench();
        var (random, sessions) = (new Random(seed), Enumerable.Range(0, 4).Select(number => bench.AddSession(number)).ToList());
        foreach (var (session, record) in SessionPair.Elsewhere(() => Records(sessions, random)))
        {
            var changed = Mutation.Of(record, random);
            if (!record.AsSpan().SequenceEqual(changed))
            {
                bench.Take(changed, session.Source);
            }
        }

        Assert.That(bench.Heard, Is.Zero);
        Assert.That(bench.Layer.Associations.Count, Is.EqualTo(sessions.Count));
        bench.Time.Advance(TimeSpan.FromHours(1));
        foreach (var (session, record) in SessionPair.Elsewhere(() => sessions.Select(session => (session, session.Seal("still here"u8))).ToList()))
        {
            bench.Take(record, session.Source);
        }

        Assert.That(bench.Heard, Is.EqualTo(sessions.Count));
        bench.Log.ExpectNoErrors();
    }

    private static List<(Association Session, byte[] Record)> Records(List<Association> sessions, Random random) =>
        [.. from number in Enumerable.Range(0, FuzzPlan.Cases(UsualRecords))
            let session = sessions[random.Next(sessions.Count)]
            select (session, session.Seal(new byte[random.Next(40)], (RecordType)random.Next(20, 24)))];

    // The layer without sockets: what a client says is handed to it, and what it says to the client, each at the address of its own.
    private sealed class FuzzBench : IDisposable
    {
        private readonly ConcurrentDictionary<Peer, ClientTransport> _clients = new();
        private readonly DtlsSocket _socket;
        private int _addresses;

        [ThreadStatic]
        private static byte[]? _room;

        public FuzzBench()
        {
            Layer = new DtlsLayer(
                new DtlsSettings { HandshakesPerSecond = 0, PrefixHandshakesPerSecond = 0 }, new TestKeys(), new TestKeys(), Time, new DtlsMetrics(LoneMeters.Instance), Log);
            _socket = Layer.Wrap(new SilentSocket { OnSent = (to, datagram) => _clients.GetValueOrDefault(to)?.Hear(datagram) });
            _socket.Receive(new Receiver((_, _) => Heard++));
            Layer.Start();
        }

        public FakeTimeProvider Time { get; } = new();

        public RecordedLog<DtlsLayer> Log { get; } = new();

        public DtlsLayer Layer { get; }

        public int Heard { get; private set; }

        public bool IsEmptyLater()
        {
            Time.Advance(TimeSpan.FromSeconds(125));
            return Layer.Handshakes.Count == 0;
        }

        // Whether there is a session in the end.
        public bool ShakeHands(int seed, string suite, bool meddles = true)
        {
            var random = new Random(seed);
            var source = NewAddress();
            var said = new List<byte[]>();
            var transport = new ClientTransport(datagram =>
            {
                said.Add(datagram.ToArray());
                foreach (var bytes in meddles ? Mutation.Meddle(said, random) : [said[^1]])
                {
                    Take(bytes, source);
                }
            });
            _clients[source] = transport;
            try
            {
                ClientHandshake.Run(transport, SecureDevice.Sensor1 with { Suites = [RecordSuite.All.Single(known => known.Name == suite)] }, meddles ? Patience : SecureDevice.Eager);
                return true;
            }
            catch (CoapClientException)
            {
                return false;
            }
            finally
            {
                _clients.TryRemove(source, out _);
            }
        }

        public Association AddSession(int number)
        {
            var (id, source, named) = (HandshakeConnectionId.New(number), NewAddress(), number % 2 == 0);
            Layer.Associations.Add(SessionPair.Server(id, source, Time.GetTimestamp(), named, _socket));
            return SessionPair.Client(id, source, named);
        }

        public void Take(byte[] datagram, in Peer source) => Layer.Take(source, datagram, _socket, _room ??= new byte[65536]);

        public void Dispose() => Layer.Dispose();

        private Peer NewAddress()
        {
            var number = Interlocked.Increment(ref _addresses);
            return Peer.From(new IPEndPoint(new IPAddress([10, (byte)(number >> 16), (byte)(number >> 8), (byte)number]), 5683));
        }
    }
}
