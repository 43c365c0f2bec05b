namespace Gateway.Sinks;

/// <summary>How a sink is, for people.</summary>
/// <param name="Name">Its name in gateway.json.</param>
/// <param name="Type">Its kind, such as <c>file</c>.</param>
/// <param name="Cursor">The last record of the journal that it has done with.</param>
/// <param name="Lag">How many records it is behind.</param>
/// <param name="LastError">What is wrong now; null when the last batch was taken.</param>
/// <param name="FailingSince">When that began; null when nothing is wrong.</param>
internal sealed record SinkStatus(string Name, string Type, long Cursor, long Lag, string? LastError, DateTimeOffset? FailingSince)
{
    /// <summary>How many readings it has taken since the start.</summary>
    public long Delivered { get; init; }

    /// <summary>How many messages the other side has refused for good since the start.</summary>
    public long Refused { get; init; }

    /// <summary>How many refused messages are kept in its file of dead letters.</summary>
    public long DeadLetters { get; init; }

    /// <summary>Whether these are being offered to the other side again.</summary>
    public bool IsReplaying { get; init; }

    /// <summary>Since when an admin has it paused; null when it is not.</summary>
    public DateTimeOffset? PausedSince { get; init; }
}
