namespace Gateway.Coap;

/// <summary>Why a transfer was dropped before it was finished: the tag of the metric.</summary>
internal enum BlockDropReason
{
    /// <summary>Its client began it anew.</summary>
    Restarted,

    /// <summary>No block came or went for EXCHANGE_LIFETIME.</summary>
    Expired,

    /// <summary>Its peer began too many others.</summary>
    Peer,

    /// <summary>There were too many in all.</summary>
    All,

    /// <summary>They kept too many bytes.</summary>
    Bytes,
}

/// <summary>What one call dropped, to be counted when the lock is free again.</summary>
internal sealed class BlockDrops
{
    private List<BlockDropReason>? _reasons;

    public void Add(BlockDropReason reason) => (_reasons ??= []).Add(reason);

    public void Count(CoapMetrics metrics)
    {
        foreach (var reason in _reasons ?? [])
        {
            metrics.TransferDropped(reason);
        }
    }
}
