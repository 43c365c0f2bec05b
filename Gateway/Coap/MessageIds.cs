namespace Gateway.Coap;

/// <summary>
/// The IDs of the messages that we begin (RFC 7252 §4.4). Not thread-safe; the outbox's lock guards it.
/// </summary>
// An ID must not come again to the same peer within minutes, and 65,536 of them are gone in seconds when one count serves all
// peers. A count for each peer would have no bound; so each has the count of its group, of which there are many.
internal sealed class MessageIds
{
    private const int Groups = 1024;

    private readonly MessageId[] _last = new MessageId[Groups];

    public MessageIds(Random random)
    {
        // RFC 7252 §4.4: a random start is harder to guess, and to confuse with what was sent before a restart.
        for (var group = 0; group < Groups; group++)
        {
            _last[group] = new MessageId((ushort)random.Next(ushort.MaxValue + 1));
        }
    }

    public MessageId NextFor(Peer peer)
    {
        ref var last = ref _last[peer.GetHashCode() & (Groups - 1)];
        return last = last.Next;
    }
}
