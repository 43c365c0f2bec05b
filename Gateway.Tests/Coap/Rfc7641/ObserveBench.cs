using System.Net;
using System.Text;
using Gateway.Coap;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Coap.Rfc7641;

/// <summary>All layers of the server but its sockets, one resource <c>/state</c> that can be observed, and a clock that the test moves.</summary>
internal sealed class ObserveBench : IDisposable
{
    public static readonly Peer Client = Peer.From(IPEndPoint.Parse("192.0.2.1:40000"));
    public static readonly Token First = Token.From([0xf1]);
    public static readonly Token Second = Token.From([0xf2]);

    private readonly RecordedLog<MessageLayer> _log = new();
    private readonly MessageLayer _layer;
    private ushort _lastId;

    public ObserveBench(CoapSettings? settings = null)
    {
        // Observers that have to echo first are a section of another RFC.
        var (own, metrics) = ((settings ?? new CoapSettings()) with { AmplificationFactor = 0 }, Metrics.Unobserved());
        var site = new TestSite
        {
            ["/state"] = new ObservableResource(request => Asked(request)),
            ["/other"] = new ObservableResource(_ => new CoapResponse(CoapCode.Content)),
            ["/fixed"] = new TestResource(_ => new CoapResponse(CoapCode.Content)),
        };
        Observers = new Observers(own, Time, metrics, _log);
        var blockwise = new BlockwiseServer(own, TransmissionParameters.Default, Time, metrics);
        var guard = new AmplificationGuard(own, TransmissionParameters.Default, Time, metrics, _log);
        var requests = new RequestLayer(site, own, blockwise, guard, Observers, Time, _log, CancellationToken.None);
        _layer = new MessageLayer(
            own, TransmissionParameters.Default, Time, new Random(9), metrics, _log,
            requests.AnswerAsync,
            (peer, datagram, _) => Sent.Add((peer, CoapCodec.TryDecode(datagram, out var message, out var error) ? message : throw new AssertionException($"{error}"))));
    }

    public FakeTimeProvider Time { get; } = new();

    public Observers Observers { get; }

    /// <summary>What the resource says.</summary>
    public string State { get; set; } = "0";

    /// <summary>What it answers; by default 2.05 with the state.</summary>
    public Func<CoapRequest, ValueTask<CoapResponse>>? Answer { get; set; }

    public List<(Peer Peer, CoapMessage Message)> Sent { get; } = [];

    public CoapMessage Last => Sent[^1].Message;

    /// <summary>What went out, as <c>CON 2.05 f1 "1"</c>, with a * where there is an Observe option. Emptied by reading it.</summary>
    public string[] Take()
    {
        string[] lines = [.. Sent.Select(sent => Line(sent.Message))];
        Sent.Clear();
        return lines;
    }

    public void Get(Token token, uint? observe = 0, string path = "state", Peer? peer = null, MessageType type = MessageType.Confirmable, params CoapOption[] options)
    {
        var request = new CoapMessage(type, CoapCode.Get, new MessageId(++_lastId))
        {
            Token = token,
            Options = [new CoapOption(OptionNumber.UriPath, Encoding.UTF8.GetBytes(path)), .. ObserveOption(observe), .. options],
        };
        Receive(request, peer);
    }

    /// <summary>Gives the resource another state, and says so.</summary>
    public void Change(string state)
    {
        State = state;
        Observers.Notify(["state"]);
    }

    public void Acknowledge(CoapMessage message) => Receive(CoapMessage.EmptyAcknowledgement(message.Id));

    public void Reset(CoapMessage message) => Receive(CoapMessage.Reset(message.Id));

    public void Receive(CoapMessage message, Peer? peer = null) => _layer.Receive(peer ?? Client, CoapCodec.Encode(message));

    /// <summary>Lets so much time pass, a second at a time.</summary>
    public void Pass(int seconds) => Time.Pass(TimeSpan.FromSeconds(seconds));

    public static uint SequenceOf(CoapMessage message) =>
        BlockOptions.FindUint(message.Options, OptionNumber.Observe) ?? throw new AssertionException($"{Line(message)} has no Observe");

    public IReadOnlyList<string> TakeErrors() => _log.TakeErrors();

    public void Dispose()
    {
        Observers.Dispose();
        _layer.Dispose();
        _log.ExpectNoErrors();
    }

    private static string Line(CoapMessage message)
    {
        var type = message.Type switch
        {
            MessageType.Confirmable => "CON",
            MessageType.NonConfirmable => "NON",
            MessageType.Acknowledgement => "ACK",
            _ => "RST",
        };
        var observe = BlockOptions.Find(message.Options, OptionNumber.Observe) is null ? "" : "*";
        return $"{type} {message.Code} {message.Token}{observe} \"{Encoding.UTF8.GetString(message.Payload.Span)}\"";
    }

    private static CoapOption[] ObserveOption(uint? value) => value is { } given ? [UintOption.Of(OptionNumber.Observe, given)] : [];

    private ValueTask<CoapResponse> Asked(CoapRequest request) => Answer?.Invoke(request)
        ?? ValueTask.FromResult(new CoapResponse(CoapCode.Content) { Payload = Encoding.UTF8.GetBytes(State) });
}
