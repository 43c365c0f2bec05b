using System.Net;
using Gateway.Coap;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Coap;

/// <summary>An outbox with a clock that stands still until the test moves it, and a list of what it sent.</summary>
internal sealed class OutboxBench : IDisposable
{
    public static readonly Peer Device = Peer.From(IPEndPoint.Parse("192.0.2.1:40000"));

    private readonly RecordedLog<Outbox> _log = new();

    public OutboxBench(TransmissionParameters? parameters = null) =>
        Outbox = new Outbox(parameters ?? TransmissionParameters.Default, Time, new Random(7), _log, (peer, datagram, _) => Sent.Add((peer, Decode(datagram))));

    public FakeTimeProvider Time { get; } = new();

    public Outbox Outbox { get; }

    public List<(Peer Peer, CoapMessage Message)> Sent { get; } = [];

    /// <summary>How messages ended, in order, by their payloads.</summary>
    public List<string> Ended { get; } = [];

    /// <summary>The payloads of all that was sent, retransmissions too.</summary>
    public IEnumerable<string> Payloads => Sent.Select(sent => Text(sent.Message));

    public MessageId Send(string payload, MessageType type = MessageType.Confirmable, Peer? peer = null) =>
        Outbox.Send(peer ?? Device, Message(payload, type), end => Ended.Add($"{payload} {end}"));

    public bool Replace(MessageId id, string payload) => Outbox.Replace(Device, id, Message(payload, MessageType.Confirmable));

    public bool Settle(MessageId id, TransmissionEnd end = TransmissionEnd.Acknowledged, Peer? peer = null) => Outbox.Settle(peer ?? Device, id, end);

    public void Advance(double seconds) => Time.Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>Lets so much time pass that whatever is sent again has been.</summary>
    public void Exhaust() => Time.Pass(TimeSpan.FromSeconds(100));

    public void Dispose()
    {
        Outbox.Dispose();
        _log.ExpectNoErrors();
    }

    private static CoapMessage Message(string payload, MessageType type) =>
        new(type, CoapCode.Content, default) { Payload = System.Text.Encoding.UTF8.GetBytes(payload) };

    private static string Text(CoapMessage message) => System.Text.Encoding.UTF8.GetString(message.Payload.Span);

    private static CoapMessage Decode(ReadOnlySpan<byte> datagram) =>
        CoapCodec.TryDecode(datagram, out var message, out var error) ? message : throw new AssertionException($"{error}");
}
