using Gateway.Devices;
using Gateway.Scripting.Contract;

namespace Gateway.Commands;

/// <summary>A command with what is known of its way. Immutable: each step makes a new one.</summary>
internal sealed record QueuedCommand
{
    public required Command Command { get; init; }

    public required DeviceId Device { get; init; }

    /// <summary>The place in the order of arrival, unique in the gateway.</summary>
    public required long Order { get; init; }

    public CommandState State { get; init; } = CommandState.Queued;

    /// <summary>How many answers have carried it.</summary>
    public int Attempts { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public DateTimeOffset? SentAt { get; init; }

    /// <summary>Why it ended as it did, when that needs a reason.</summary>
    public string? Reason { get; init; }

    public string RequestId => Command.RequestId;

    public bool IsExpired(DateTimeOffset now) => Command.ExpiresAt <= now;

    /// <exception cref="InvalidOperationException">There is no such step.</exception>
    public QueuedCommand Step(CommandState to, DateTimeOffset now, string? reason = null) => State.CanBecome(to)
        ? this with
        {
            State = to,
            UpdatedAt = now,
            Reason = reason,
            Attempts = Attempts + (to is CommandState.Sent ? 1 : 0),
            SentAt = to is CommandState.Sent ? now : SentAt,
        }
        : throw new InvalidOperationException($"command {RequestId} cannot go from {State} to {to}");
}
