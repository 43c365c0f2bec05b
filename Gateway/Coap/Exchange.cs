namespace Gateway.Coap;

/// <summary>A request that came in, and how far its answer is. The exchange table's lock guards what changes.</summary>
internal sealed class Exchange(ExchangeKey key, bool confirmable, Token token, long expiresAt)
{
    public ExchangeKey Key { get; } = key;

    public Peer Peer => Key.Peer;

    public MessageId Id => Key.Id;

    public bool Confirmable { get; } = confirmable;

    public Token Token { get; } = token;

    /// <summary>The timestamp from which the same key means another request.</summary>
    public long ExpiresAt { get; } = expiresAt;

    /// <summary>What acknowledged the request, piggybacked answer or empty: a duplicate gets it again. Null while nothing did, and for a NON.</summary>
    public byte[]? Acknowledgement { get; private set; }

    /// <summary>Whether the resource has answered, with an answer or with silence.</summary>
    public bool Answered { get; set; }

    private bool WaitsForAcknowledgement => Confirmable && Acknowledgement is null;

    /// <summary>"Received, the answer comes later"; null when that is not, or no longer, to be said.</summary>
    public byte[]? AcknowledgeEmpty() =>
        WaitsForAcknowledgement ? Acknowledgement = CoapCodec.Encode(CoapMessage.EmptyAcknowledgement(Id)) : null;

    /// <summary>The answer within the acknowledgement (RFC 7252 §5.2.1); null when the request is acknowledged already, or never is.</summary>
    public byte[]? Piggyback(CoapResponse response) =>
        WaitsForAcknowledgement ? Acknowledgement = CoapCodec.Encode(response.ToMessage(MessageType.Acknowledgement, Id, Token)) : null;
}
