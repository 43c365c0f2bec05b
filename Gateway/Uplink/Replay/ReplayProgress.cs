namespace Gateway.Uplink;

/// <summary>How far a replay is, at one moment.</summary>
internal sealed record ReplayProgress
{
    public ReplayState State { get; init; }

    /// <summary>How many records of the journal are to be looked at, about; it grows when more must be remembered than fits.</summary>
    public long Total { get; init; }

    /// <summary>How many of them have been looked at.</summary>
    public long Read { get; init; }

    public ReplayCounts Counts { get; init; }

    /// <summary>Why it failed; null when it did not.</summary>
    public string? Problem { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The first frames that could not be read this time either.</summary>
    public IReadOnlyList<ReplayNote> Failures { get; init; } = [];

    /// <summary>The first frames that give something else than before; only of a dry run.</summary>
    public IReadOnlyList<ReplayNote> Differences { get; init; } = [];

    public bool HasEnded => State is not (ReplayState.Waiting or ReplayState.Preparing or ReplayState.Running);
}

/// <summary>Where a replay stands.</summary>
internal enum ReplayState
{
    /// <summary>It is about to begin.</summary>
    Waiting,

    /// <summary>It looks which frames have been read again before.</summary>
    Preparing,

    /// <summary>It reads frames.</summary>
    Running,

    /// <summary>It has come to its end.</summary>
    Completed,

    /// <summary>Somebody ended it, or the gateway was stopped.</summary>
    Cancelled,

    /// <summary>It could not go on.</summary>
    Failed,
}

/// <summary>What became of frames.</summary>
/// <param name="Parsed">Read, with readings that are new; they go to the sinks.</param>
/// <param name="Unchanged">Read, with the very readings that they had given before; nothing is kept of that.</param>
/// <param name="Failed">Not read this time either.</param>
/// <param name="Held">Of devices that still wait for approval.</param>
/// <param name="Skipped">Dead letters that an earlier replay has read.</param>
/// <param name="Readings">How many readings those in <paramref name="Parsed"/> gave.</param>
internal readonly record struct ReplayCounts(long Parsed, long Unchanged, long Failed, long Held, long Skipped, long Readings)
{
    public static ReplayCounts operator +(ReplayCounts one, ReplayCounts other) => new(
        one.Parsed + other.Parsed, one.Unchanged + other.Unchanged, one.Failed + other.Failed,
        one.Held + other.Held, one.Skipped + other.Skipped, one.Readings + other.Readings);
}
