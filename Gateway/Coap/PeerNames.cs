using System.Net;

namespace Gateway.Coap;

/// <summary>The peers that spoke lately as .NET and people write them, so that the thousandth request of one makes neither anew. The receiving thread's own.</summary>
// A place for each hash, and the later peer takes the earlier one's: bounded, whoever speaks.
internal sealed class PeerNames
{
    private const int Size = 4096;

    private readonly Named?[] _known = new Named?[Size];

    /// <summary>The peer's address and port, and the same as a text. Both may be kept, and must not be changed.</summary>
    public (IPEndPoint EndPoint, string Name) Of(in Peer peer)
    {
        ref var known = ref _known[SeededHash.Of(peer) % Size];
        if (known is null || known.Peer != peer)
        {
            var endPoint = peer.ToEndPoint();
            known = new Named(peer, endPoint, endPoint.ToString());
        }

        return (known.EndPoint, known.Name);
    }

    private sealed record Named(Peer Peer, IPEndPoint EndPoint, string Name);
}
