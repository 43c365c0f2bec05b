namespace Gateway.Journal;

/// <summary>One entry of the journal: a frame as it came, what was read in it, and what became of it.</summary>
internal sealed record JournalRecord
{
    /// <summary>The record's place in the journal, from 1 and without gaps; 0 before it is appended.</summary>
    public long Sequence { get; init; }

    /// <summary>When the datagram was received. The instant is kept, in 100 ns, its offset from UTC is not.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    public JournalRecordKind Kind { get; init; } = JournalRecordKind.Uplink;

    /// <summary>The device that sent the frame; empty when the route does not ask.</summary>
    public string DeviceId { get; init; } = "";

    /// <summary>The gateway's id of the exchange.</summary>
    public required string RequestId { get; init; }

    public string Profile { get; init; } = "";

    /// <summary>The method's name, such as POST.</summary>
    public string Method { get; init; } = "";

    public string Path { get; init; } = "";

    /// <summary>The query as it came, without the question mark; null for none.</summary>
    public string? Query { get; init; }

    /// <summary>The address and port that the frame came from.</summary>
    public string Peer { get; init; } = "";

    public int? ContentFormat { get; init; }

    public bool Confirmable { get; init; }

    /// <summary>The script that read the frame, or should have; empty when it never came to that.</summary>
    public string ScriptRef { get; init; } = "";

    public string ScriptVersion { get; init; } = "";

    /// <summary>The frame itself, byte for byte.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    public required FrameOutcome Outcome { get; init; }

    /// <summary>Why the outcome is none that one would wish; null when there is nothing to say.</summary>
    public string? Error { get; init; }

    /// <summary>The readings as the sinks write them: lines of JSON in UTF-8, each ended by <c>\n</c>.</summary>
    public ReadOnlyMemory<byte> Readings { get; init; }

    /// <summary>How many lines <see cref="Readings"/> has.</summary>
    public int ReadingCount { get; init; }
}
