using System.Net;
using System.Text;
using Gateway.Coap;
using Gateway.Devices;
using Gateway.Scripting.Contract;
using Gateway.Tests.Coap;
using Gateway.Tests.Support;

namespace Gateway.Tests.Commands;

/// <summary>
/// The engine between <see cref="CommandsUnderTest"/> and devices that can be reached at any time, without sockets and with the test's clock.
/// What there is to do is done when the test says so, on its own thread.
/// </summary>
internal sealed class PushBench : IDisposable
{
    /// <summary>Longer than the gateway sends a message again.</summary>
    public static readonly TimeSpan TimeOut = TimeSpan.FromSeconds(100);

    // No empty notification comes between what a test is about.
    public const int MaxAge = 86_400;

    private static readonly Token Observing = Token.From([1]);

    private readonly CommandsUnderTest _gateway;
    private readonly RecordedLog<MessageLayer> _log = new();
    private readonly Observers _observers;
    private readonly MessageLayer _layer;

    // All under the lock of the first.
    private readonly Dictionary<Peer, List<CoapMessage>> _sent = [];
    private readonly HashSet<(Peer Peer, MessageId Id)> _known = [];
    private readonly Dictionary<Peer, CoapMessage> _last = [];
    private readonly Dictionary<string, Peer> _peers = [];

    public PushBench(CommandsUnderTest gateway)
    {
        _gateway = gateway;
        var (settings, metrics) = (new CoapSettings(), Metrics.Unobserved());
        _observers = new Observers(settings, gateway.Time, metrics, _log);
        _layer = new MessageLayer(
            settings, TransmissionParameters.Default, gateway.Time, new Random(3), metrics, _log,
            (in Peer _, MessageView _, MessageLayer _) => ValueTask.FromResult<CoapResponse?>(null),
            Capture);
        gateway.Push.Listen();
    }

    /// <summary>The device observes, from now on or anew; what its answer carried is the test's own matter.</summary>
    public async Task ObserveAsync(string device)
    {
        var observer = new Observer(_observers);
        var observation = new Observation(
            PeerOf(device), Observing, ["devices", device, "commands"], _layer.Outbox,
            () => ValueTask.FromResult<CoapResponse?>(new CoapResponse(CoapCode.Content) { ContentFormat = ContentFormat.OctetStream, MaxAge = MaxAge }))
        {
            Observer = observer,
        };
        observer.Bind(observation);
        var answer = await _observers.AnswerAsync(observation, ObserveAction.Register);
        _gateway.Push.Observe(DeviceId.Parse(device), observer, new UplinkRequest { RequestId = "", Method = "GET", Path = "/", ReceivedAt = _gateway.Time.GetUtcNow(), Peer = "" });
        answer!.Sent!();
        await RunAsync();
    }

    /// <summary>The gateway learns where the device is.</summary>
    public async Task HeardAsync(string device)
    {
        _gateway.Push.Heard(DeviceId.Parse(device), new PeerLink(PeerOf(device), _layer));
        await RunAsync();
    }

    /// <summary>What has gone out to the device since this was last asked, without repetitions, as texts.</summary>
    public string[] Take(string device)
    {
        lock (_sent)
        {
            var messages = _sent.GetValueOrDefault(PeerOf(device), []);
            string[] texts = [.. messages.Select(message => Encoding.UTF8.GetString(message.Payload.Span))];
            messages.Clear();
            return texts;
        }
    }

    /// <summary>What went out to the device last.</summary>
    public CoapMessage LastTo(string device)
    {
        lock (_sent)
        {
            return _last[PeerOf(device)];
        }
    }

    public Task AcknowledgeAsync(string device, MessageId id) => ReceiveAsync(device, CoapMessage.EmptyAcknowledgement(id));

    public Task ResetAsync(string device, MessageId id) => ReceiveAsync(device, CoapMessage.Reset(id));

    public async Task ReceiveAsync(string device, CoapMessage message)
    {
        _layer.Receive(PeerOf(device), CoapCodec.Encode(message));
        await RunAsync();
    }

    /// <summary>Whether the gateway waits for the device to acknowledge something.</summary>
    public bool IsUnderWay(string device) => _gateway.PushesUnderWay.Find(DeviceId.Parse(device)) is not null;

    /// <summary>Looks after the device, as is done from time to time, and does all that there is to do.</summary>
    public async Task LookAsync(string device)
    {
        _gateway.PushQueue.Now(DeviceId.Parse(device));
        await RunAsync();
    }

    /// <summary>Lets so much time pass, with all that is sent again meanwhile.</summary>
    public void Pass(TimeSpan time) => _gateway.Time.Pass(time);

    /// <summary>Does all that there is to do.</summary>
    public async Task RunAsync()
    {
        while (_gateway.PushQueue.TryTake(out var work))
        {
            await _gateway.Push.DoAsync(work, CancellationToken.None);
        }
    }

    /// <summary>The same until it is known what has become of a request, which ends on a thread of its own.</summary>
    public Task SettledAsync(string device) => Eventually.HoldsAsync(
        async () =>
        {
            await RunAsync();
            return !IsUnderWay(device);
        },
        "the end of the request is known");

    public void Dispose()
    {
        _observers.Dispose();
        _layer.Dispose();
        _log.ExpectNoErrors();
    }

    private Peer PeerOf(string device)
    {
        lock (_sent)
        {
            if (!_peers.TryGetValue(device, out var peer))
            {
                _peers.Add(device, peer = Peer.From(new IPEndPoint(0x0100000A + ((long)(_peers.Count + 1) << 24), 5683)));
            }

            return peer;
        }
    }

    private void Capture(Peer peer, ReadOnlySpan<byte> datagram, bool atOnce)
    {
        Assert.That(CoapCodec.TryDecode(datagram, out var message, out var error), error.ToString());
        lock (_sent)
        {
            if (!message!.Code.IsEmpty && _known.Add((peer, message.Id)))
            {
                (_sent.TryGetValue(peer, out var messages) ? messages : _sent[peer] = []).Add(message);
                _last[peer] = message;
            }
        }
    }
}
