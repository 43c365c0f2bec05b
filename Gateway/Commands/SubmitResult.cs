namespace Gateway.Commands;

internal enum SubmitOutcome
{
    /// <summary>The command is on disk and waits for its device.</summary>
    Queued,

    /// <summary>The same command came before under this request id; this is what became of it.</summary>
    Repeated,

    /// <summary>Another command came before under this request id.</summary>
    Conflict,

    /// <summary>The command is malformed, or its script cannot encode it.</summary>
    Invalid,

    /// <summary>The gateway does not know the device.</summary>
    UnknownDevice,

    /// <summary>As many commands wait for the device as may.</summary>
    QueueFull,
}

/// <summary>What became of a command that was handed in.</summary>
internal sealed record SubmitResult(SubmitOutcome Outcome, QueuedCommand? Command, IReadOnlyList<CommandProblem> Problems)
{
    public static SubmitResult Refused(SubmitOutcome outcome, string path, string message) => new(outcome, null, [new(path, message)]);
}
