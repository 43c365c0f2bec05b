namespace Gateway.Coap;

/// <summary>How many requests are taken: so many a second on the average, and so many at once after a pause.</summary>
/// <param name="Interval">The time in which one token drips into the bucket, as timestamps; 0 for no limit.</param>
/// <param name="Depth">The time in which an empty bucket is full again, less one token, as timestamps.</param>
internal readonly record struct TokenRate(long Interval, long Depth)
{
    // Some decades, where a timestamp is a nanosecond: what a bucket adds up to from here does not overflow.
    private const long Longest = long.MaxValue / 8;

    public static TokenRate Of(TimeProvider time, double perSecond, int burst)
    {
        var interval = perSecond > 0 ? (long)Math.Clamp(time.TimestampFrequency / perSecond, 1, Longest) : 0;
        return new TokenRate(interval, (long)Int128.Min((Int128)interval * (Math.Max(1, burst) - 1), Longest));
    }
}

/// <summary>A token bucket in one number, the time at which it is full again: ITU-T I.371's generic cell rate algorithm.</summary>
// System.Threading.RateLimiting has an object and a lock for each bucket, a timer, and no bound on how many buckets there are.
internal struct TokenBucket
{
    private long _fullAt;

    /// <summary>Whether there is a token.</summary>
    public readonly bool HasToken(in TokenRate rate, long now) => rate.Interval == 0 || _fullAt - now <= rate.Depth;

    /// <summary>Takes a token; false when there is none.</summary>
    public bool TryTake(in TokenRate rate, long now)
    {
        var hasToken = HasToken(rate, now);
        if (hasToken && rate.Interval > 0)
        {
            _fullAt = Math.Max(_fullAt, now) + rate.Interval;
        }

        return hasToken;
    }
}
