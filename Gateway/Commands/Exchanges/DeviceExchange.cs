using Gateway.Coap;
using Gateway.Devices;
using Gateway.Journal;

namespace Gateway.Commands;

/// <summary>A message of a device and its answer, as it is remembered for a while. It is small, for there is one for each frame.</summary>
internal readonly record struct DeviceExchange
{
    private readonly long _receivedAt;
    private readonly long _took;

    /// <summary>The gateway's id of the exchange.</summary>
    public required Guid Id { get; init; }

    /// <summary>The same as the journal and the readings have it.</summary>
    public string RequestId => Id.ToString("N");

    /// <summary>Who spoke; none when nobody could be found.</summary>
    public required DeviceId Device { get; init; }

    public required string Profile { get; init; }

    /// <summary>When the message came, UTC.</summary>
    public required DateTimeOffset ReceivedAt
    {
        get => new(_receivedAt, TimeSpan.Zero);
        init => _receivedAt = value.UtcTicks;
    }

    /// <summary>From there until the answer was ready.</summary>
    public required TimeSpan Took
    {
        get => new(_took);
        init => _took = value.Ticks;
    }

    public required CoapCode Method { get; init; }

    public required string Path { get; init; }

    /// <summary>The address and port that it came from.</summary>
    public required string Peer { get; init; }

    public required bool Confirmable { get; init; }

    /// <summary>How many bytes the message's payload had.</summary>
    public required int PayloadLength { get; init; }

    /// <summary>What became of the payload; <see cref="FrameOutcome.None"/> when nothing of it is kept.</summary>
    public FrameOutcome Outcome { get; init; }

    public int ReadingCount { get; init; }

    /// <summary>Why the payload could not be read, or the message was refused; null when all went well.</summary>
    public string? Problem { get; init; }

    /// <summary>The code of the answer.</summary>
    public required CoapCode Code { get; init; }

    /// <summary>How many bytes the answer's payload had.</summary>
    public required int AnswerLength { get; init; }

    /// <summary>What it did for the device's commands.</summary>
    public CommandVerdict Verdict { get; init; }

    /// <summary>The request ids of the commands that the answer carried, with commas; null for none.</summary>
    public string? Carried { get; init; }

    /// <summary>The verdict in a sentence for people.</summary>
    public string Explanation => Verdict switch
    {
        CommandVerdict.NoneWaiting => "no command waited",
        CommandVerdict.Carried => $"the answer carried {Carried}",
        CommandVerdict.NotConfirmable => "the message was a NON, and nobody waits for the answer to one: nothing is spent on it",
        CommandVerdict.AnswerNotWanted => "the device does not want to have an answer (No-Response, RFC 7967)",
        CommandVerdict.Refused => $"the answer was an error ({Code}), which is no place for a command",
        CommandVerdict.NotDue => "none of the commands was due yet (not_before)",
        CommandVerdict.AwaitingEvidence => "a command that was sent had no evidence yet, and those that waited stood behind it",
        CommandVerdict.NoneFit => "the commands whose turn it was ended instead of going out: they could not be encoded, did not fit into the answer, or had expired; each says which",
        CommandVerdict.RunHeld => "the run of the commands was paused, halted or called off",
        CommandVerdict.AwaitingRoom => "the next command needs more room than may go to an address that has not shown that it receives; it waits for more to come from there (coap.amplification_factor)",
        CommandVerdict.AwaitingRequest => "the next command goes in a request of the gateway (metadata.path), not in an answer",
        CommandVerdict.DeviceHeld => "the device waited for approval",
        CommandVerdict.NoScript => $"no script could speak for the device: {Problem}",
        _ => "the commands were not to be had, or what became of them could not be made durable in time; the gateway's log says why",
    };
}
