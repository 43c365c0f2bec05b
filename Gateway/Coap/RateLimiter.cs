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

    public RateVerdict JudgePeer(ref RateState state, long now) => Judge(ref state, _peerRate, now);

    public RateVerdict JudgePrefix(in Peer peer, long now)
    {
        if (_prefixes.Length == 0)
        {
            return RateVerdict.Admitted;
        }

        var prefix = (ulong)(peer.Address >> (peer.IsIPv4 ? HostBits4 : HostBits6));
        return Judge(ref _prefixes[SeededHash.Of(prefix) % PrefixSlots], _prefixRate, now);
    }

    private RateVerdict Judge(ref RateState state, in TokenRate rate, long now) =>
        state.Requests.TryTake(rate, now) ? RateVerdict.Admitted
        : state.Refusals.TryTake(_refusalRate, now) ? RateVerdict.TooMany
        : RateVerdict.Silenced;
}
