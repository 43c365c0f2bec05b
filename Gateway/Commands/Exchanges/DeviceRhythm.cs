namespace Gateway.Commands;

/// <summary>How a device speaks, as observed since the start of the gateway. Intervals are medians of the last <see cref="Intervals.Most"/>.</summary>
/// <param name="Messages">How many messages it has sent.</param>
/// <param name="LastAt">When the last one came.</param>
/// <param name="Interval">The time between two; null before there were two.</param>
/// <param name="Confirmables">How many of them were confirmable.</param>
/// <param name="LastConfirmableAt">When the last one of those came; null for none.</param>
/// <param name="ConfirmableInterval">The time between two of those; null before there were two.</param>
/// <param name="NextTransmissionAt">When it means to speak again, by its own word in its last message that had one; null for none.</param>
internal readonly record struct DeviceRhythm(
    long Messages, DateTimeOffset LastAt, TimeSpan? Interval, long Confirmables, DateTimeOffset? LastConfirmableAt, TimeSpan? ConfirmableInterval,
    DateTimeOffset? NextTransmissionAt);

/// <summary>The last intervals between a device's messages. Who uses it holds a lock.</summary>
internal struct Intervals
{
    /// <summary>How many are kept.</summary>
    public const int Most = 8;

    // A device that wakes sends several messages in a row. What is so much shorter than the long intervals is no interval between wakings.
    private const int ShortWaking = 10;

    private Window _milliseconds;
    private long _lastAt;

    /// <summary>How many instants were noted.</summary>
    public long Count { get; private set; }

    public readonly DateTimeOffset? LastAt => Count == 0 ? null : new DateTimeOffset(_lastAt, TimeSpan.Zero);

    /// <summary>Something happened. An instant before the last one counts as the same.</summary>
    public void Note(DateTimeOffset at)
    {
        if (Count > 0)
        {
            var passed = Math.Max(0, at.UtcTicks - _lastAt) / TimeSpan.TicksPerMillisecond;
            _milliseconds[(int)((Count - 1) % Most)] = (uint)Math.Min(passed, uint.MaxValue);
        }

        _lastAt = Count == 0 ? at.UtcTicks : Math.Max(_lastAt, at.UtcTicks);
        Count++;
    }

    /// <summary>The usual interval between wakings; null before there was one.</summary>
    public readonly TimeSpan? Usual()
    {
        var known = (int)Math.Min(Count - 1, Most);
        if (known < 1)
        {
            return null;
        }

        Span<uint> sorted = stackalloc uint[known];
        ((ReadOnlySpan<uint>)_milliseconds)[..known].CopyTo(sorted);
        sorted.Sort();
        var shortest = sorted[known * 3 / 4] / ShortWaking;
        var first = 0;
        while (sorted[first] < shortest)
        {
            first++;
        }

        return TimeSpan.FromMilliseconds(sorted[first + ((known - first) / 2)]);
    }

    [System.Runtime.CompilerServices.InlineArray(Most)]
    private struct Window
    {
        private uint _first;
    }
}
