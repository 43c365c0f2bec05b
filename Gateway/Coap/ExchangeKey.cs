namespace Gateway.Coap;

/// <summary>
/// By what a retransmission is known: who sent it, its message ID, and a hash of its bytes. RFC 7252 §4.5 asks for the first two;
/// but two devices behind one NAT may come from one address and port, and then one must not get the other's answer.
/// </summary>
internal readonly record struct ExchangeKey(Peer Peer, MessageId Id, int Hash)
{
    public static ExchangeKey Of(Peer peer, MessageId id, ReadOnlySpan<byte> datagram)
    {
        // HashCode is seeded at random when the process starts, so nobody can make two datagrams meet on purpose.
        var hash = new HashCode();
        hash.AddBytes(datagram);
        return new ExchangeKey(peer, id, hash.ToHashCode());
    }
}
