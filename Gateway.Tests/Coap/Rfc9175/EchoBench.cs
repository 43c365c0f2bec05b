using System.Net;
using System.Text;
using Gateway.Coap;
using Gateway.Tests.Coap.Rfc7641;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Coap.Rfc9175;

/// <summary>All layers of the server but its sockets, with resources whose answers are large, and a clock that the test moves.</summary>
internal sealed class EchoBench : IDisposable
{
    public static readonly Peer Device = PeerAt("192.0.2.1:40000");
    public static readonly Peer Other = PeerAt("192.0.2.2:40000");

    private readonly RecordedLog<MessageLayer> _log = new();
    private readonly List<CoapMessage> _sent = [];
    private readonly MessageLayer _layer;
    private readonly Observers _observers;
    private ushort _lastId;

    public EchoBench(CoapSettings? settings = null)
    {
        var (own, metrics) = (settings ?? new CoapSettings(), new CoapMetrics(Meters));
        var site = new TestSite
        {
            ["/m"] = Resource(request => ValueTask.FromResult(Answering?.Invoke(request) ?? Answer)),
            ["/held"] = Resource(_ => new ValueTask<CoapResponse>(Held.Task!)),
            ["/state"] = new ObservableResource(_ => new CoapResponse(CoapCode.Content)),
        };
        _observers = new Observers(own, Time, metrics, _log);
        var blockwise = new BlockwiseServer(own, TransmissionParameters.Default, Time, metrics);
        var guard = new AmplificationGuard(own, TransmissionParameters.Default, Time, metrics, _log);
        var requests = new RequestLayer(site, own, blockwise, guard, _observers, Time, _log, CancellationToken.None);
        _layer = new MessageLayer(
            own, TransmissionParameters.Default, Time, new Random(9), metrics, _log,
            requests.AnswerAsync,
            (_, datagram, _) => _sent.Add(CoapCodec.TryDecode(datagram, out var message, out var error) ? message : throw new AssertionException($"{error}")))
        {
            MayRepeat = guard.MayRepeat,
        };
    }

    public FakeTimeProvider Time { get; } = new();

    public Meters Meters { get; } = new();

    public int Observers => _observers.Count;

    /// <summary>What <c>/m</c> answers: 300 bytes, unless the test says otherwise.</summary>
    public CoapResponse Answer { get; set; } = Of(300);

    /// <summary>The same by the request; null for <see cref="Answer"/>.</summary>
    public Func<CoapRequest, CoapResponse>? Answering { get; set; }

    /// <summary>What <c>/held</c> waits for.</summary>
    public HeldAnswer Held { get; } = new();

    /// <summary>How often <c>/m</c> or <c>/held</c> was asked.</summary>
    public int Asked { get; private set; }

    public static Peer PeerAt(string address) => Peer.From(IPEndPoint.Parse(address));

    public static CoapResponse Of(int length) => new(CoapCode.Content) { Payload = Encoding.UTF8.GetBytes(Rfc7959.Blocks.Text(length)) };

    /// <summary>A request with a message ID and a token that none had before.</summary>
    public CoapMessage Request(CoapCode method, string path = "m", params CoapOption[] options) =>
        new(MessageType.Confirmable, method, new MessageId(++_lastId))
        {
            Token = Token.From([(byte)(_lastId >> 8), (byte)_lastId]),
            Options = [new CoapOption(OptionNumber.UriPath, Encoding.UTF8.GetBytes(path)), .. options],
        };

    /// <summary>The same request again as another message, with the Echo value.</summary>
    public CoapMessage Again(CoapMessage request, ReadOnlyMemory<byte> echo)
    {
        var again = Request(request.Code);
        return request with
        {
            Id = again.Id,
            Token = again.Token,
            Options = [.. request.Options.Append(new CoapOption(OptionNumber.Echo, echo)).OrderBy(option => option.Number)],
        };
    }

    /// <summary>Sends it; returns the one message that comes back, which has its token.</summary>
    public CoapMessage Ask(CoapMessage request, Peer? peer = null)
    {
        var answer = Send(request, peer).Single();
        Assert.That(answer.Token, Is.EqualTo(request.Token));
        return answer;
    }

    public CoapMessage Ask(CoapCode method, params CoapOption[] options) => Ask(Request(method, options: options));

    /// <summary>Sends it; returns what comes back.</summary>
    public IReadOnlyList<CoapMessage> Send(CoapMessage message, Peer? peer = null)
    {
        _layer.Receive(peer ?? Device, CoapCodec.Encode(message));
        return Take();
    }

    /// <summary>What was sent since it was last looked at.</summary>
    public IReadOnlyList<CoapMessage> Take()
    {
        CoapMessage[] sent = [.. _sent];
        _sent.Clear();
        return sent;
    }

    /// <summary>Has a peer show where it is.</summary>
    public void Verify(Peer? peer = null)
    {
        var request = Request(CoapCode.Get);
        Assert.That(Ask(Again(request, EchoOf(Ask(request, peer))), peer).Code, Is.EqualTo(CoapCode.Content));
        Asked = 0;
    }

    /// <summary>The value with which the peer is challenged.</summary>
    public static ReadOnlyMemory<byte> EchoOf(CoapMessage challenge)
    {
        Assert.That((challenge.Code, challenge.Payload.Length), Is.EqualTo((CoapCode.Unauthorized, 0)));
        return BlockOptions.Find(challenge.Options, OptionNumber.Echo) ?? throw new AssertionException("the 4.01 has no Echo");
    }

    public EchoBench Advance(TimeSpan time)
    {
        Time.Advance(time);
        return this;
    }

    public void Dispose()
    {
        _observers.Dispose();
        _layer.Dispose();
        Meters.Dispose();
        _log.ExpectNoErrors();
    }

    private TestResource Resource(Func<CoapRequest, ValueTask<CoapResponse>> answer) => new((request, _) =>
    {
        Asked++;
        return answer(request);
    })
    {
        Takes = new HashSet<CoapCode> { CoapCode.Get, CoapCode.Post, CoapCode.Put, CoapCode.Fetch },
    };
}
