using System.Net;
using System.Text;
using CsCheck;
using Gateway.Coap;
using Gateway.Coap.Dtls;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Coap.Dtls;

/// <summary>
/// Whatever comes in whatever order from wherever: each message reaches its own session once, and the session is where its peer's newest record
/// came from. Compared with a model that is written in the plainest form.
/// </summary>
internal sealed class DemultiplexerProperties
{
    private const int Sessions = 4;
    private const int Addresses = 3;
    private const int MostInOne = 3;
    private const int MostDatagrams = 40;

    private static readonly Gen<Happening> Something = Gen.Select(
        Gen.Enum<Kind>(), Gen.Int[0, Sessions - 1], Gen.Int[0, Addresses - 1], Gen.Int[0, 30], Gen.Byte,
        (kind, session, address, number, value) => new Happening(kind, session, address, number, value));

    // Several records may come in one datagram.
    private static readonly Gen<Happening[][]> Datagrams = Something.Array[1, MostInOne].Array[1, MostDatagrams];

    private enum Kind
    {
        /// <summary>The next record of the session's peer.</summary>
        Next,

        /// <summary>The next record is made, and kept for later.</summary>
        Keep,

        /// <summary>One that was made before, whether it has come or not.</summary>
        Earlier,

        /// <summary>One that was made before, with a byte changed.</summary>
        Forged,

        /// <summary>What is no record.</summary>
        Garbage,
    }

    [Test]
    public void Each_message_reaches_its_session_once_and_nothing_else_does() => Datagrams.Sample(Run, iter: 400);

    private static void Run(Happening[][] datagrams)
    {
        using var bench = new Bench();
        foreach (var datagram in datagrams)
        {
            bench.Take(datagram);
        }

        Assert.That(bench.Heard, Is.EqualTo(bench.Expected));
        for (var number = 0; number < Sessions; number++)
        {
            Assert.That(bench.Server[number].Source, Is.EqualTo(Peers.At(bench.Models[number].Address)), $"where session {number} is");
        }
    }

    private static bool IsNamed(int session) => session < Sessions / 2;

    private sealed record Happening(Kind Kind, int Session, int Address, int Number, byte Value);

    private sealed class Model
    {
        public int Address { get; set; }

        public HashSet<int> Come { get; } = [];

        public List<byte[]> Made { get; } = [];

        public int End => Come.Count == 0 ? 0 : Come.Max() + 1;

        // What is older than the window is long counts as come.
        public bool IsNew(int record) => !Come.Contains(record) && End - 1 - record < 64;
    }

    private sealed class Bench : IDisposable
    {
        private readonly DtlsLayer _layer;
        private readonly DtlsSocket _socket;
        private readonly List<byte[][]> _records;
        private readonly byte[] _room = new byte[2048];

        public Bench()
        {
            var time = new FakeTimeProvider();
            _layer = new DtlsLayer(new DtlsSettings(), new TestKeys(), new TestKeys(), time, new DtlsMetrics(LoneMeters.Instance), new RecordedLog<DtlsLayer>());
            _socket = _layer.Wrap(new SilentSocket());
            _socket.Receive(new Receiver((peer, message) => Heard.Add($"{Server.FindIndex(session => session.Number == peer.Association)}: {Encoding.UTF8.GetString(message)}")));
            var clients = new List<Association>();
            for (var number = 0; number < Sessions; number++)
            {
                // The first two have connection ids. The last two have none, and so an address each that no session moves away from.
                var (id, source) = (HandshakeConnectionId.New(number), Peers.At(number % Addresses));
                clients.Add(SessionPair.Client(id, source, IsNamed(number)));
                Server.Add(SessionPair.Server(id, source, named: IsNamed(number), home: _socket));
                Models.Add(new Model { Address = number % Addresses });
                _layer.Associations.Add(Server[number]);
            }

            _records = SessionPair.Elsewhere(() => clients.ConvertAll(client =>
                Enumerable.Range(0, MostInOne * MostDatagrams).Select(number => client.Seal(Encoding.UTF8.GetBytes($"message {number}"))).ToArray()));
        }

        public List<Association> Server { get; } = [];

        public List<Model> Models { get; } = [];

        public List<string> Heard { get; } = [];

        public List<string> Expected { get; } = [];

        public void Take(Happening[] happenings)
        {
            var address = happenings[0].Address;
            byte[] datagram = [];
            var ended = false;
            foreach (var happening in happenings)
            {
                var (bytes, record) = Make(happening);
                datagram = [.. datagram, .. bytes];

                // Behind what is no record, nothing can be found.
                ended |= happening.Kind == Kind.Garbage;
                if (!ended && record >= 0)
                {
                    Expect(happening.Session, record, address);
                }
            }

            _layer.Take(Peers.At(address), datagram, _socket, _room);
        }

        public void Dispose() => _layer.Dispose();

        // The bytes, and which record of the session they are; -1 for none that opens.
        private (byte[] Bytes, int Record) Make(Happening happening)
        {
            var made = Models[happening.Session].Made;
            switch (happening.Kind)
            {
                case Kind.Next:
                    made.Add(_records[happening.Session][made.Count]);
                    return (made[^1], made.Count - 1);
                case Kind.Keep:
                    made.Add(_records[happening.Session][made.Count]);
                    return ([], -1);
                case Kind.Earlier when made.Count > 0:
                    return (made[happening.Number % made.Count], happening.Number % made.Count);
                case Kind.Forged when made.Count > 0:
                    var forged = made[happening.Number % made.Count].ToArray();
                    forged[^(1 + (happening.Value % 8))] ^= (byte)(happening.Value | 1);
                    return (forged, -1);
                case Kind.Garbage:
                    return ([happening.Value, 0xfe, 0xfc, happening.Value], -1);
                default:
                    return ([], -1);
            }
        }

        private void Expect(int session, int record, int address)
        {
            var model = Models[session];
            var isNamed = IsNamed(session);
            if ((!isNamed && model.Address != address) || !model.IsNew(record))
            {
                return;
            }

            model.Address = isNamed && record >= model.End ? address : model.Address;
            model.Come.Add(record);
            Expected.Add($"{session}: message {record}");
        }
    }

    private static class Peers
    {
        private static readonly Peer[] All = [.. Enumerable.Range(0, Addresses).Select(number => Peer.From(new IPEndPoint(IPAddress.Loopback, 1000 + number)))];

        public static Peer At(int number) => All[number];
    }
}
