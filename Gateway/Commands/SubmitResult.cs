namespace Gateway.Commands;

internal enum SubmitOutcome
{
    /// <summary>The command is on disk and waits for its device.</summary>
    Queued,

    /// <summary>The same command came before under this request id; this is what became of it.</summary>
    Repeated,

    /// <summary>Another command came before under this request id.</summary>
    Conflict,

    /// <summary>It is no JSON, or has members that a command does not have, or of other types.</summary>
    Malformed,

    /// <summary>It is longer than a command may be.</summary>
    TooLarge,

    /// <summary>What the command says cannot be, or its script cannot encode it.</summary>
    Invalid,

    /// <summary>The gateway does not know the device.</summary>
    UnknownDevice,

    /// <summary>As many commands wait, for the device or in all, as may.</summary>
    QueueFull,

    /// <summary>It can't be made durable now. It may be handed in again, best with a request id: it might have been kept all the same.</summary>
    Unavailable,
}

/// <summary>What became of a command that was handed in.</summary>
internal sealed record SubmitResult(SubmitOutcome Outcome, QueuedCommand? Command, IReadOnlyList<CommandProblem> Problems)
{
    public static SubmitResult Refused(SubmitOutcome outcome, string path, string message) => new(outcome, null, [new(path, message)]);

    /// <summary>Whether it is the gateway's to deliver, now or since an earlier time.</summary>
    public bool IsTaken => Outcome is SubmitOutcome.Queued or SubmitOutcome.Repeated;
}
