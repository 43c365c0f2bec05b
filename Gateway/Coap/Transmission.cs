namespace Gateway.Coap;

/// <summary>A CON of ours that waits for its acknowledgement.</summary>
internal sealed class Transmission(Peer peer, MessageId id, byte[] datagram, long timeout)
{
    public Peer Peer { get; } = peer;

    public MessageId Id { get; } = id;

    public byte[] Datagram { get; } = datagram;

    /// <summary>How long it waits now, in timestamps; doubled each time.</summary>
    public long Timeout { get; set; } = timeout;

    public int Retransmissions { get; set; }

    /// <summary>Acknowledged, reset, or given up.</summary>
    public bool Settled { get; set; }
}
