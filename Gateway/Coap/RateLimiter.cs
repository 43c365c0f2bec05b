namespace Gateway.Coap;

/// <summary>What becomes of a request where there are too many.</summary>
internal enum RateVerdict
{
    Admitted,

    /// <summary>Refused, and told so (RFC 8516: 4.29).</summary>
    TooMany,

    /// <summary>Refused in silence: it was told so less than a second ago.</summary>
    Silenced,
}

/// <summary>Requests taken, and refusals told, of a peer or of a prefix.</summary>
internal struct RateState
{
    public TokenBucket Requests;
    public TokenBucket Refusals;
}

/// <summary>
/// Says who asks too much: a peer, or all peers of one prefix together, which is who forges addresses or has many. Bounded: a peer's state is
/// in the peer table, and prefixes share a table of fixed size, where two that meet share a bucket. Not thread-safe; the exchange table's lock
/// guards it.
/// </summary>
internal sealed class RateLimiter(CoapSettings settings, TimeProvider time)
{
    private const int PrefixSlots = 4096;
    private const int HostBits4 = 8;
    private const int HostBits6 = 80;

    private readonly TokenRate _peerRate = TokenRate.Of(time, settings.PeerRequestsPerSecond, settings.PeerBurst);
    private readonly TokenRate _prefixRate = TokenRate.Of(time, settings.PrefixRequestsPerSecond, settings.PrefixBurst);

    // RFC 8516 §3: who does not heed the answer need not get another at once.
    private readonly TokenRate _refusalRate = TokenRate.Of(time, 1, 1);
    private readonly RateState[] _prefixes = settings.PrefixRequestsPerSecond > 0 ? new RateState[PrefixSlots] : [];

    /// <summary>Judges a request. Only one that is admitted takes tokens, of the peer's bucket and of its prefix's.</summary>
    /// <param name="peer">Who sent it.</param>
    /// <param name="state">The peer's; all zeros for one that is not known yet.</param>
    /// <param name="isDuplicate">Whether it came before.</param>
    /// <param name="now">The time, as a timestamp.</param>
    public RateVerdict Judge(in Peer peer, ref RateState state, bool isDuplicate, long now)
    {
        if (!state.Requests.HasToken(_peerRate, now))
        {
            return Refuse(ref state, isDuplicate, now);
        }

        if (_prefixes.Length > 0)
        {
            ref var prefix = ref _prefixes[SeededHash.Of((ulong)(peer.Address >> (peer.IsIPv4 ? HostBits4 : HostBits6))) % PrefixSlots];
            if (!prefix.Requests.TryTake(_prefixRate, now))
            {
                return Refuse(ref prefix, isDuplicate, now);
            }
        }

        state.Requests.TryTake(_peerRate, now);
        return RateVerdict.Admitted;
    }

    // RFC 7252 §4.5: a duplicate has the answer of the first, or none. 4.29 would say that nothing was done, where something was.
    private RateVerdict Refuse(ref RateState state, bool isDuplicate, long now) =>
        !isDuplicate && state.Refusals.TryTake(_refusalRate, now) ? RateVerdict.TooMany : RateVerdict.Silenced;
}
