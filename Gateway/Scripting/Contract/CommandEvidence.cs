namespace Gateway.Scripting.Contract;

/// <summary>What a device's message says of a command.</summary>
public enum CommandEvidenceKind
{
    /// <summary>Nothing, or nothing yet.</summary>
    Unknown,

    /// <summary>The device has done what it was told.</summary>
    Applied,

    /// <summary>The device has refused it, or failed at it.</summary>
    Rejected,
}

/// <summary>What a script's <c>confirm</c> reads in a device's message of a command that was sent before: <see cref="Applied"/>, <see cref="Rejected"/> or <see cref="Unknown"/>.</summary>
public readonly record struct CommandEvidence
{
    private readonly string? _reason;

    private CommandEvidence(CommandEvidenceKind kind, string? reason = null) => (Kind, _reason) = (kind, reason);

    /// <summary>The device has done what it was told.</summary>
    public static CommandEvidence Applied => new(CommandEvidenceKind.Applied);

    /// <summary>The message says nothing of the command. This is also the value that nobody has set.</summary>
    public static CommandEvidence Unknown => default;

    /// <summary>The device has refused the command, or failed at it.</summary>
    /// <param name="reason">Why, in words that the command's caller is to read.</param>
    public static CommandEvidence Rejected(string reason) => new(CommandEvidenceKind.Rejected, reason);

    /// <summary>Which of the three it is.</summary>
    public CommandEvidenceKind Kind { get; }

    /// <summary>Why the command was rejected; empty for the other two.</summary>
    public string Reason => _reason ?? "";
}
