namespace Gateway.Coap;

/// <summary>Spans of time in the unit of <see cref="TimeProvider.GetTimestamp"/>, the clock that nobody sets.</summary>
internal static class Timestamps
{
    public static long TimestampsIn(this TimeProvider time, TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    /// <summary>From now to the deadline, rounded up to what a timer can wait: at least a millisecond, and never early.</summary>
    public static TimeSpan TimerSpan(this TimeProvider time, long now, long deadline) =>
        TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling((deadline - now) * 1000.0 / time.TimestampFrequency)));
}
