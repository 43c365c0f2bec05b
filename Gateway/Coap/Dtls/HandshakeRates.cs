namespace Gateway.Coap.Dtls;

/// <summary>How many handshakes are begun: in all, and with the devices of one prefix. Bounded as <see cref="RateLimiter"/> is. May be called from any thread.</summary>
internal sealed class HandshakeRates(DtlsSettings settings, TimeProvider time)
{
    private const int PrefixSlots = 4096;

    private readonly TokenRate _rate = TokenRate.Of(time, settings.HandshakesPerSecond, settings.HandshakeBurst);
    private readonly TokenRate _prefixRate = TokenRate.Of(time, settings.PrefixHandshakesPerSecond, settings.PrefixHandshakeBurst);
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly TokenBucket[] _prefixes = new TokenBucket[PrefixSlots];
    private TokenBucket _all;

    /// <summary>Whether one may begin; then it counts.</summary>
    public bool TryBegin(in Peer source, long now)
    {
        lock (_gate)
        {
            return _all.HasToken(_rate, now)
                && _prefixes[Prefix.Of(source) % PrefixSlots].TryTake(_prefixRate, now)
                && _all.TryTake(_rate, now);
        }
    }
}

/// <summary>
/// Holds back those who send records that are not what they say. A session whose peer is where it was is never held back: somebody
/// could forge that address to have it silenced. May be called from any thread.
/// </summary>
internal sealed class ForgeryRates(TimeProvider time)
{
    private const int PrefixSlots = 4096;
    private const double PerSecond = 100;
    private const int Burst = 1000;

    private readonly TokenRate _rate = TokenRate.Of(time, PerSecond, Burst);
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly TokenBucket[] _prefixes = new TokenBucket[PrefixSlots];

    /// <summary>Whether a record from there is worth to be tried.</summary>
    public bool IsWorthATry(in Peer source, long now)
    {
        lock (_gate)
        {
            return _prefixes[Prefix.Of(source) % PrefixSlots].HasToken(_rate, now);
        }
    }

    /// <summary>One was forged.</summary>
    public void Count(in Peer source, long now)
    {
        lock (_gate)
        {
            _prefixes[Prefix.Of(source) % PrefixSlots].TryTake(_rate, now);
        }
    }
}

/// <summary>What a stranger has many addresses of: /24 of IPv4, /48 of IPv6.</summary>
internal static class Prefix
{
    private const int HostBits4 = 8;
    private const int HostBits6 = 80;

    public static ulong Of(in Peer source) => SeededHash.Of((ulong)(source.Address >> (source.IsIPv4 ? HostBits4 : HostBits6)));
}
