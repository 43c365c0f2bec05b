namespace Gateway.Coap;

/// <summary>A way to a peer: its address, and the side of ours that it has spoken to. What goes out this way leaves by the same socket, and so passes the NAT that let its request out.</summary>
/// <param name="Peer">Whom to.</param>
/// <param name="Layer">From where.</param>
internal readonly record struct PeerLink(Peer Peer, MessageLayer Layer)
{
    // A body in blocks goes out in these.
    private const int BlockSize = 1024;

    // What a device says to a request of ours is a few bytes, or a text for a person.
    private const int MaxAnswer = 64 * 1024;

    /// <summary>Sends a request, in blocks where it is long (RFC 7959), and waits for the whole answer, which may be an error of the peer.</summary>
    /// <exception cref="CoapClientException">There is no answer.</exception>
    public async Task<CoapMessage> SendAsync(CoapMessage request, CancellationToken cancellation)
    {
        var (peer, layer) = this;
        var exchange = new BlockwiseExchange(request, BlockSize, MaxAnswer);
        var step = exchange.First;
        while (step.Next is { } next)
        {
            step = exchange.Take(await layer.RequestAsync(peer, next, cancellation).ConfigureAwait(false));
        }

        return step.Answer ?? throw new CoapClientException(CoapClientError.Incomplete, $"what {peer} answered makes no whole answer: {step.Error}");
    }
}
