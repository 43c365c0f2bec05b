using Gateway.Coap;

namespace Gateway.Tests.Coap;

internal delegate void Taker(Peer peer, ReadOnlySpan<byte> datagram);

/// <summary>Takes what a socket receives as the test says, and notes what the socket drops.</summary>
internal sealed class Receiver(Taker take) : IDatagramReceiver
{
    public List<DropReason> Dropped { get; } = [];

    public void Take(in Peer peer, ReadOnlySpan<byte> datagram) => take(peer, datagram);

    public void Drop(in Peer peer, DropReason reason) => Dropped.Add(reason);
}
