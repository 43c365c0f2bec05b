namespace Gateway.Journal;

/// <summary>
/// One entry of the journal: a frame as it came, what was read in it, and what became of it; or one of the other things that
/// <see cref="JournalRecordKind"/> names. A kind has only its own members, the others are not kept:
/// <code>
/// all      Sequence, ReceivedAt, Kind, DeviceId, RequestId, Profile, Error
/// Uplink   all but About, Revision, Source, Command
/// Reread   About, Revision, ScriptRef, ScriptVersion, Outcome, Readings, ReadingCount
/// Command  Command
/// Failure  About, Source, Payload
/// </code>
/// </summary>
internal sealed record JournalRecord
{
    /// <summary>The record's place in the journal, from 1 and without gaps; 0 before it is appended.</summary>
    public long Sequence { get; init; }

    /// <summary>
    /// When the datagram was received (of a frame that is read again: when it came first), or when the step or the failure happened.
    /// The instant is kept, in 100 ns, its offset from UTC is not.
    /// </summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    public JournalRecordKind Kind { get; init; } = JournalRecordKind.Uplink;

    /// <summary>The device that sent the frame; empty when the route does not ask.</summary>
    public string DeviceId { get; init; } = "";

    /// <summary>The gateway's id of the exchange; empty when it happened in none.</summary>
    public required string RequestId { get; init; }

    public string Profile { get; init; } = "";

    /// <summary>The method's name, such as POST.</summary>
    public string Method { get; init; } = "";

    public string Path { get; init; } = "";

    /// <summary>The query as it came, without the question mark; null for none.</summary>
    public string? Query { get; init; }

    /// <summary>The address and port that the frame came from.</summary>
    public string Peer { get; init; } = "";

    /// <summary>The device whose key or certificate the frame came under, over DTLS; null when it came in the clear, or from nobody in particular.</summary>
    public string? DtlsDevice { get; init; }

    public int? ContentFormat { get; init; }

    public bool Confirmable { get; init; }

    /// <summary>The script that read the frame, or should have; empty when it never came to that.</summary>
    public string ScriptRef { get; init; } = "";

    public string ScriptVersion { get; init; } = "";

    /// <summary>The frame itself, byte for byte; of a failure, the message that was given up.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>What became of the frame; <see cref="FrameOutcome.None"/> when the record is not about one.</summary>
    public FrameOutcome Outcome { get; init; }

    /// <summary>Why the outcome, the command's step or the failure is none that one would wish; null when there is nothing to say.</summary>
    public string? Error { get; init; }

    /// <summary>The readings as the sinks write them: lines of JSON in UTF-8, each ended by <c>\n</c>.</summary>
    public ReadOnlyMemory<byte> Readings { get; init; }

    /// <summary>How many lines <see cref="Readings"/> has.</summary>
    public int ReadingCount { get; init; }

    /// <summary>The sequence of the record that this one is about: the frame that was read again, or what a sink gave up; 0 for none.</summary>
    public long About { get; init; }

    /// <summary>How often a frame has been read before: 0 with the frame itself, and one more in each <see cref="JournalRecordKind.Reread"/>.</summary>
    public int Revision { get; init; }

    /// <summary>Who gave up, such as <c>sink/kafka</c> or <c>intake/mqtt</c>; empty but for a failure.</summary>
    public string Source { get; init; } = "";

    /// <summary>The step of a command; null for all other kinds.</summary>
    public CommandStep? Command { get; init; }
}
