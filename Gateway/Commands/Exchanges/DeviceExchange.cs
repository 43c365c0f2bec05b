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
}
