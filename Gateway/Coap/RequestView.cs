using Gateway.Coap.Dtls;

namespace Gateway.Coap;

/// <summary>A request where it was received: what a resource is asked that answers at once. Holds until it returns; <see cref="ToRequest"/> makes one that may be kept.</summary>
internal readonly ref struct RequestView
{
    private readonly RequestOptions _options;
    private readonly TimeProvider _time;
    private readonly PeerNames _names;

    public RequestView(in Peer peer, MessageView message, in RequestOptions options, IReadOnlyList<string> path, TimeProvider time, PeerNames names)
    {
        Message = message;
        _options = options;
        (Peer, Path, _time, _names) = (peer, path, time, names);
    }

    public Peer Peer { get; }

    /// <summary>The side of ours that it came to; null where it came over no socket.</summary>
    public MessageLayer? Layer { get; init; }

    /// <summary>Who keeps count of what may be answered.</summary>
    public AmplificationGuard? Guard { get; init; }

    /// <summary>Who the peer has shown that it is; null for one that speaks in the clear.</summary>
    public DtlsIdentity? Identity { get; init; }

    public MessageView Message { get; }

    public CoapCode Method => Message.Code;

    /// <summary>The segments of Uri-Path, decoded; none for the root. They may be kept.</summary>
    public IReadOnlyList<string> Path { get; }

    public int? ContentFormat => _options.ContentFormat;

    public int? Accept => _options.Accept;

    public ReadOnlySpan<byte> Payload => Message.Payload;

    /// <summary>A copy that owns its bytes.</summary>
    public CoapRequest ToRequest()
    {
        var owned = Message.ToMessage();
        var (endPoint, name) = _names.Of(Peer);
        return new CoapRequest
        {
            Peer = endPoint,
            PeerName = name,
            Id = Message.Id,
            Token = Message.Token,
            Link = Layer is null ? null : new PeerLink(Peer, Layer),
            Allowance = Guard is null ? null : new AnswerAllowance(Guard, Peer, Message.Datagram.Length),
            Identity = Identity,
            Method = owned.Code,
            Confirmable = owned.Type == MessageType.Confirmable,
            Path = Path,
            Query = _options.ReadQuery(),
            Options = owned.Options,
            ContentFormat = ContentFormat,
            Accept = Accept,
            Payload = owned.Payload,
            ReceivedAt = _time.GetUtcNow(),
        };
    }
}
