using System.Collections.Immutable;
using Gateway.Devices;
using Gateway.Scripting.Contract;

namespace Gateway.Commands;

/// <summary>A command with what is known of its way. Immutable: each step makes a new one, which shares all that stays.</summary>
internal sealed record QueuedCommand
{
    // A command that fails a hundred times takes some two hundred steps. What is in between tells least.
    private const int MaxHistory = 256;

    public required string RequestId { get; init; }

    public required DeviceId Device { get; init; }

    public required string CommandType { get; init; }

    /// <summary>The profile that the device had when the command was queued; empty for none.</summary>
    public string Profile { get; init; } = "";

    /// <summary>The caller's request, as <see cref="CommandRequest.ToJson"/> writes it: in memory it is a quarter of what the objects would be.</summary>
    public required ReadOnlyMemory<byte> Request { get; init; }

    /// <summary>The run that it belongs to; null for none.</summary>
    public string? RunId { get; init; }

    public int Priority { get; init; }

    public string? DedupKey { get; init; }

    /// <summary>What counts as evidence: the caller's word, or the profile's.</summary>
    public CommandConfirm Confirm { get; init; } = CommandConfirm.NextMessage;

    public int MaxAttempts { get; init; } = CommandRequest.DefaultMaxAttempts;

    public DateTimeOffset? NotBefore { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The place in the order of arrival: which journal (<see cref="StorePosition.Epoch"/>) and which record of it. 0 before it is known.</summary>
    public long Order { get; init; }

    /// <summary>The same for its last step.</summary>
    public long LastStep { get; init; }

    public CommandState State { get; init; } = CommandState.Queued;

    /// <summary>How many answers have carried it.</summary>
    public int Attempts { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When it was sent last.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>The message that it was sent in answer to, and the answer; null when that is not known.</summary>
    public SentMessage? SentIn { get; init; }

    /// <summary>Whether it was sent last in a message of ours that the device has to acknowledge: only that delivers it.</summary>
    public bool IsPushed { get; init; }

    /// <summary>The path at the device's own CoAP server that it goes to (<see cref="PushRequest"/>); null for one that goes in answers and notifications.</summary>
    public string? Path { get; init; }

    /// <summary>Why it is where it is, when that needs a reason.</summary>
    public string? Reason { get; init; }

    /// <summary>The steps after the first, in order.</summary>
    public ImmutableArray<CommandEvent> Later { get; init; } = [];

    /// <summary>All steps, in order.</summary>
    public IEnumerable<CommandEvent> History => Later.Prepend(new CommandEvent(CommandState.Queued, CreatedAt, 0, null));

    public bool IsActive => State.IsActive();

    public bool IsExpired(DateTimeOffset now) => ExpiresAt <= now;

    /// <summary>Whether its time has come.</summary>
    public bool IsDue(DateTimeOffset now) => NotBefore is not { } start || start <= now;

    /// <summary>The command as scripts see it.</summary>
    public Command ToCommand() => CommandRequest.OfJson(Request.Span).ToCommand(RequestId) with { ExpiresAt = ExpiresAt, LastSent = LastSent };

    private CommandSending? LastSent => SentAt is { } at
        ? new CommandSending { At = at, Attempt = Attempts, Path = SentIn?.Path ?? "", Payload = SentIn?.Payload ?? default }
        : null;

    /// <summary>The command one step further.</summary>
    /// <exception cref="InvalidOperationException">There is no such step.</exception>
    public QueuedCommand Step(CommandState to, DateTimeOffset now, string? reason = null) => ((CommandState?)State).CanBecome(to, Attempts)
        ? Moved(to, now, Attempts + (to is CommandState.Sent ? 1 : 0), reason)
        : throw new InvalidOperationException($"command {RequestId} cannot go from {State} to {to}");

    /// <summary>The command where a record of the journal says that it is, whether that is a step from here or not: what is on disk has happened.</summary>
    public QueuedCommand Moved(CommandState to, DateTimeOffset at, int attempts, string? reason) => this with
    {
        State = to,
        UpdatedAt = at,
        Reason = reason,
        Attempts = attempts,
        SentAt = to is CommandState.Sent ? at : SentAt,
        IsPushed = IsPushed && to is not CommandState.Sent,
        Later = (Later.Length < MaxHistory ? Later : Later.RemoveAt(MaxHistory / 2)).Add(new CommandEvent(to, at, attempts, reason)),
    };
}

/// <summary>A step that a command has taken.</summary>
/// <param name="State">Where it came.</param>
/// <param name="At">When.</param>
/// <param name="Attempt">How often it had been sent by then.</param>
/// <param name="Reason">Why; null when there is nothing to say.</param>
internal readonly record struct CommandEvent(CommandState State, DateTimeOffset At, int Attempt, string? Reason);
