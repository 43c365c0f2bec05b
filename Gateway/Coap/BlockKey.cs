namespace Gateway.Coap;

/// <summary>Which body a transfer is about.</summary>
internal enum BlockDirection
{
    /// <summary>A request's body, in Block1.</summary>
    Upload,

    /// <summary>An answer's body, in Block2.</summary>
    Download,
}

/// <summary>
/// By what the blocks of one transfer are known: who asks, and all that makes its request what it is. RFC 7959 §2.4, §2.5: one
/// endpoint has one transfer at a time for each resource, unless the requests differ in their Request-Tag (RFC 9175 §3.3) or in
/// another option.
/// </summary>
/// <param name="Peer">Its address and port.</param>
/// <param name="Direction">Whose body it is: one request can have both.</param>
/// <param name="Digest">Of the method and the options, so that a key is small however long they are.</param>
internal readonly record struct BlockKey(Peer Peer, BlockDirection Direction, UInt128 Digest)
{
    public static BlockKey Of(Peer peer, BlockDirection direction, CoapCode method, IReadOnlyList<CoapOption> options) =>
        new(peer, direction, RequestDigest.Of(method, options, IsPartOfKey));

    // What may differ from block to block: which block it is, what RFC 7252 §5.4.6 calls NoCacheKey (Size1, Size2, Echo), and what
    // is said of one exchange alone. RFC 7959 §2.6: only the first block is asked for with Observe.
    private static bool IsPartOfKey(int number) =>
        (number & 0x1e) != 0x1c && number is not (OptionNumber.Block1 or OptionNumber.Block2 or OptionNumber.Observe or OptionNumber.NoResponse);
}
