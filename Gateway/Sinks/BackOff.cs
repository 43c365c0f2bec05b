namespace Gateway.Sinks;

/// <summary>
/// How long to wait after a failure: twice as long each time, up to a limit, and by chance up to half of it less, so that many
/// that failed together do not come back together. One loop at a time.
/// </summary>
internal sealed class BackOff(TimeProvider time, Random chance, TimeSpan first, TimeSpan limit)
{
    private TimeSpan? _next;

    /// <summary>It worked: the next failure is a first one.</summary>
    public void Reset() => _next = null;

    /// <summary>The wait that is due now.</summary>
    public TimeSpan Next()
    {
        var full = _next ?? first;
        _next = full < limit / 2 ? full * 2 : limit;
        return full * (1 - (chance.NextDouble() / 2));
    }

    public Task WaitAsync(TimeSpan wait, CancellationToken cancellation) => Task.Delay(wait, time, cancellation);
}
