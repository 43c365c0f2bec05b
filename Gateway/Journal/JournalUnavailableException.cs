namespace Gateway.Journal;

/// <summary>Why the journal took no record.</summary>
internal enum JournalUnavailableReason
{
    /// <summary>So many records wait for the disk that no more may.</summary>
    Full,

    /// <summary>The disk refused the record, or the group that it was written with.</summary>
    Failing,

    /// <summary>The disk is so full that nothing more is begun.</summary>
    NoRoom,

    /// <summary>The disk takes so long that the device had better keep its frame; the record may be kept all the same.</summary>
    Slow,

    /// <summary>The journal is not open yet, or is closing.</summary>
    Closed,
}

/// <summary>The record is not safe. Whoever sent the frame must keep it and come back: the answer is 5.03 with Max-Age.</summary>
internal sealed class JournalUnavailableException(JournalUnavailableReason reason, string message, Exception? inner = null)
    : Exception(message, inner)
{
    public JournalUnavailableReason Reason { get; } = reason;

    /// <summary>
    /// Of records that are only late: what becomes of them, with the sequence of the first or with why they are not on disk. Null when that is known.
    /// </summary>
    public Func<Task<long>>? Settled { get; init; }
}
