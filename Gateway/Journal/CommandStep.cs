namespace Gateway.Journal;

/// <summary>A step of a command: what changed, and what is needed to know the command again after a crash.</summary>
internal sealed record CommandStep
{
    /// <summary>The command's own id, which its caller knows it by.</summary>
    public required string CommandId { get; init; }

    /// <summary>Its type, such as <c>set_interval</c>.</summary>
    public string CommandType { get; init; } = "";

    /// <summary>The state that it has now.</summary>
    public required CommandStepState State { get; init; }

    /// <summary>The state that it had before; none when it is new.</summary>
    public CommandStepState From { get; init; }

    /// <summary>How often it has been sent, this time included.</summary>
    public int Attempt { get; init; }

    /// <summary>What belongs to the state, as whoever wrote it reads it: the command itself when it is queued, the bytes that went out when it is sent.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Of one that is sent in an answer, what tells the message that was answered from all others; empty when that is not known.</summary>
    public ReadOnlyMemory<byte> Message { get; init; }
}

/// <summary>Where a command stands. The numbers are on disk: never change or reuse one.</summary>
internal enum CommandStepState : byte
{
    /// <summary>Not there yet.</summary>
    None = 0,

    /// <summary>It waits for its device.</summary>
    Queued = 1,

    /// <summary>An answer carries it, or a request of ours.</summary>
    Sent = 2,

    /// <summary>The device has it.</summary>
    Delivered = 3,

    /// <summary>The device has done it.</summary>
    Applied = 4,

    /// <summary>The device will not do it.</summary>
    Rejected = 5,

    /// <summary>Its time was over before it was delivered.</summary>
    Expired = 6,

    /// <summary>Somebody took it back.</summary>
    Cancelled = 7,

    /// <summary>A newer command of the same key took its place.</summary>
    Superseded = 8,

    /// <summary>It can't be encoded, or was sent as often as it may be.</summary>
    Failed = 9,
}
