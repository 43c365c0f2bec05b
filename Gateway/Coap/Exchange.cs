namespace Gateway.Coap;

/// <summary>A request in work whose answer was not there at once, and how far it is. The exchange table's lock guards what changes.</summary>
internal sealed class Exchange(Peer peer, MessageType type, MessageId id, Token token, long ticket)
{
    public Peer Peer { get; } = peer;

    public MessageType Type { get; } = type;

    public MessageId Id { get; } = id;

    public Token Token { get; } = token;

    /// <summary>Its number in the duplicate cache.</summary>
    public long Ticket { get; } = ticket;

    /// <summary>Whether an acknowledgement goes out or went out, with the answer or empty. Never for a NON.</summary>
    public bool Acknowledged { get; private set; }

    /// <summary>Whether the resource has answered, with an answer or with silence.</summary>
    public bool Answered { get; set; }

    /// <summary>Whether the request may be acknowledged now; then it is, and no second time.</summary>
    public bool TryAcknowledge()
    {
        var mayBe = Type == MessageType.Confirmable && !Acknowledged;
        Acknowledged |= mayBe;
        return mayBe;
    }
}
