namespace Gateway.Coap;

/// <summary>How long after a notification the next one is due, even if nothing changes (RFC 7641 §4.3.1).</summary>
internal static class Freshness
{
    /// <summary>However short a Max-Age is: more often than this, a resource has to say itself that it changed.</summary>
    public static readonly TimeSpan Min = TimeSpan.FromSeconds(5);

    /// <summary>RFC 7641 §4.5: at least every 24 hours a CON asks whether anybody is there to hear it.</summary>
    public static readonly TimeSpan Max = TimeSpan.FromHours(24);

    // RFC 7252 §5.10.5: what an answer without Max-Age is good for, in seconds.
    private const uint DefaultMaxAge = 60;

    // Some of the Max-Age must be left, so that a notification that is lost can be sent again before it is over.
    private const double Part = 0.75;

    public static TimeSpan Of(CoapResponse notification) =>
        TimeSpan.FromSeconds(Math.Clamp((notification.MaxAge ?? DefaultMaxAge) * Part, Min.TotalSeconds, Max.TotalSeconds));
}
