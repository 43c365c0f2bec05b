namespace Gateway.Coap;

/// <summary>A request in work, and how far its answer is. The exchange table's lock guards what changes.</summary>
internal sealed class Exchange(Peer peer, MessageId id, bool confirmable, Token token, long sequence)
{
    public Peer Peer { get; } = peer;

    public MessageId Id { get; } = id;

    public bool Confirmable { get; } = confirmable;

    public Token Token { get; } = token;

    /// <summary>Its number in the duplicate cache.</summary>
    public long Sequence { get; } = sequence;

    /// <summary>Whether an acknowledgement went out, with the answer or empty. Never for a NON.</summary>
    public bool Acknowledged { get; private set; }

    /// <summary>Whether the resource has answered, with an answer or with silence.</summary>
    public bool Answered { get; set; }

    private bool WaitsForAcknowledgement => Confirmable && !Acknowledged;

    /// <summary>"Received, the answer comes later"; null when that is not, or no longer, to be said.</summary>
    public byte[]? AcknowledgeEmpty() => WaitsForAcknowledgement ? Acknowledge(CoapMessage.EmptyAcknowledgement(Id)) : null;

    /// <summary>The answer within the acknowledgement (RFC 7252 §5.2.1); null when the request is acknowledged already, or never is.</summary>
    public byte[]? Piggyback(CoapResponse response) =>
        WaitsForAcknowledgement ? Acknowledge(response.ToMessage(MessageType.Acknowledgement, Id, Token)) : null;

    private byte[] Acknowledge(CoapMessage message)
    {
        Acknowledged = true;
        return CoapCodec.Encode(message);
    }
}
