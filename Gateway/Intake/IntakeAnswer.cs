namespace Gateway.Intake;

/// <summary>What became of a message.</summary>
internal enum IntakeOutcome
{
    /// <summary>The command is on disk.</summary>
    Stored,

    /// <summary>The command was on disk before.</summary>
    Repeated,

    /// <summary>Refused for good; the message is on disk as a dead letter.</summary>
    DeadLetter,

    /// <summary>No command at all, and nobody waits for an answer.</summary>
    Ignored,

    /// <summary>Not now: the message is to be tried again, and not acknowledged.</summary>
    Later,
}

/// <summary>What became of a message, and what is replied to it.</summary>
/// <param name="Outcome">Whether it may be acknowledged; all but <see cref="IntakeOutcome.Later"/> may.</param>
/// <param name="Problem">Why it was not stored, for people.</param>
/// <param name="DeviceId">The device that it is for, as far as that could be read.</param>
/// <param name="Reply">JSON; null when there is none.</param>
internal sealed record IntakeAnswer(IntakeOutcome Outcome, string? Problem, string? DeviceId, byte[]? Reply)
{
    public static IntakeAnswer Ignored { get; } = new(IntakeOutcome.Ignored, null, null, null);
}
