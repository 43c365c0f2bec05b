using System.Net;
using Gateway.Coap;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Coap;

/// <summary>A message layer with a clock that stands still until the test moves it, and a handler that answers when the test says so.</summary>
internal sealed class LayerBench : IDisposable
{
    private readonly Dictionary<Peer, LayerPeer> _peers = [];
    private readonly RecordedLog<MessageLayer> _log = new();

    public LayerBench(CoapSettings? settings = null, CoapMetrics? metrics = null)
    {
        Layer = new MessageLayer(
            settings ?? new CoapSettings(), TransmissionParameters.Default, Time, new Random(7), metrics ?? Metrics.Unobserved(), _log, Answer, Send);
        Device = PeerAt("192.0.2.1:40000");
    }

    public FakeTimeProvider Time { get; } = new();

    public MessageLayer Layer { get; }

    public LayerPeer Device { get; }

    /// <summary>What the handler was given, in order.</summary>
    public List<CoapMessage> Handled { get; } = [];

    /// <summary>What the handler does; by default it answers 2.04 at once.</summary>
    public Func<CoapMessage, ValueTask<CoapResponse?>> Handler { get; set; } =
        _ => ValueTask.FromResult<CoapResponse?>(new CoapResponse(CoapCode.Changed));

    /// <summary>What happens once, right behind the next datagram that goes out, and before the layer knows that it is out.</summary>
    public Action? BehindNextDatagram { get; set; }

    public LayerPeer PeerAt(string address)
    {
        var peer = new LayerPeer(this, Peer.From(IPEndPoint.Parse(address)));
        _peers.Add(peer.Address, peer);
        return peer;
    }

    /// <summary>Makes the handler wait for an answer that the test gives.</summary>
    public HeldAnswer HoldAnswers()
    {
        var answer = new HeldAnswer();
        Handler = _ => new ValueTask<CoapResponse?>(answer.Task);
        return answer;
    }

    public LayerBench Advance(double seconds)
    {
        Time.Advance(TimeSpan.FromSeconds(seconds));
        return this;
    }

    public IReadOnlyList<string> TakeErrors() => _log.TakeErrors();

    public void Dispose()
    {
        Layer.Dispose();
        _log.ExpectNoErrors();
    }

    private ValueTask<CoapResponse?> Answer(in Peer peer, MessageView request, MessageLayer layer)
    {
        var owned = request.ToMessage();
        Handled.Add(owned);
        return Handler(owned);
    }

    private void Send(Peer peer, ReadOnlySpan<byte> datagram, bool atOnce)
    {
        _peers[peer].Deliver(datagram.ToArray());
        var behind = BehindNextDatagram;
        BehindNextDatagram = null;
        behind?.Invoke();
    }
}
