using System.Net;
using System.Text;
using Gateway.Coap;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Coap;

/// <summary>A message layer that asks: the test is the server, and the clock stands still until it moves it.</summary>
internal sealed class ClientBench : IDisposable
{
    public static readonly Peer Server = Peer.From(IPEndPoint.Parse("192.0.2.9:5683"));

    private readonly RecordedLog<MessageLayer> _log = new();

    public ClientBench() => Layer = new MessageLayer(
        new CoapSettings(),
        TransmissionParameters.Default,
        Time,
        new Random(5),
        Metrics.Unobserved(),
        _log,
        (in _, _, _) => ValueTask.FromResult<CoapResponse?>(null),
        (_, datagram, _) => Sent.Add(CoapCodec.TryDecode(datagram, out var message, out var error) ? message : throw new AssertionException($"{error}")));

    public FakeTimeProvider Time { get; } = new();

    public MessageLayer Layer { get; }

    /// <summary>What went out, oldest first.</summary>
    public List<CoapMessage> Sent { get; } = [];

    public CoapMessage Last => Sent[^1];

    public Task<CoapMessage> Ask(MessageType type = MessageType.Confirmable, CancellationToken cancellation = default) =>
        Layer.RequestAsync(Server, new CoapMessage(type, CoapCode.Get, default), cancellation);

    public void Answer(MessageType type, int id, Token token, string payload = "", Peer? from = null) => Receive(
        new CoapMessage(type, CoapCode.Content, new MessageId((ushort)id)) { Token = token, Payload = Encoding.UTF8.GetBytes(payload) }, from);

    public void Piggyback(CoapMessage request, string payload = "") => Answer(MessageType.Acknowledgement, request.Id.Value, request.Token, payload);

    public void Acknowledge(CoapMessage request) => Receive(CoapMessage.EmptyAcknowledgement(request.Id));

    public void Reset(CoapMessage request) => Receive(CoapMessage.Reset(request.Id));

    public void Receive(CoapMessage message, Peer? from = null) => Layer.Receive(from ?? Server, CoapCodec.Encode(message));

    /// <summary>Lets so much time pass, a second at a time.</summary>
    public void Pass(int seconds) => Time.Pass(TimeSpan.FromSeconds(seconds));

    public static string Text(CoapMessage message) => Encoding.UTF8.GetString(message.Payload.Span);

    public static async Task<CoapClientError> ErrorOfAsync(Task<CoapMessage> asking)
    {
        try
        {
            var answer = await asking.WaitAsync(Eventually.Limit);
            throw new AssertionException($"there was to be no answer, but this came: {answer}");
        }
        catch (CoapClientException exception)
        {
            return exception.Error;
        }
    }

    public void Dispose()
    {
        Layer.Dispose();
        _log.ExpectNoErrors();
    }
}
