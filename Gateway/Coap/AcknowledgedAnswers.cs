namespace Gateway.Coap;

/// <summary>
/// The separate answers that were acknowledged lately: when that acknowledgement is lost they come again, and must get another
/// one (RFC 7252 §4.2), though nobody waits for them any more. Bounded: of more, the oldest is forgotten, and reset if it comes
/// again. Not thread-safe; the lock of <see cref="ClientExchanges"/> guards it.
/// </summary>
/// <param name="lifetime">How long one may come again, in timestamps.</param>
internal sealed class AcknowledgedAnswers(long lifetime)
{
    public const int Capacity = 1024;

    private readonly Dictionary<(Peer Peer, MessageId Id), long> _expiries = [];
    private readonly Queue<(Peer Peer, MessageId Id)> _order = new();

    public bool Contains(Peer peer, MessageId id, long now) => _expiries.TryGetValue((peer, id), out var expiry) && expiry > now;

    public void Add(Peer peer, MessageId id, long now)
    {
        if (_expiries.TryAdd((peer, id), now + lifetime))
        {
            _order.Enqueue((peer, id));
        }
        else
        {
            _expiries[(peer, id)] = now + lifetime;
        }

        if (_order.Count > Capacity)
        {
            _expiries.Remove(_order.Dequeue());
        }
    }
}
