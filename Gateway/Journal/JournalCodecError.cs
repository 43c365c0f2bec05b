namespace Gateway.Journal;

/// <summary>Why bytes are no record.</summary>
internal enum JournalCodecError
{
    /// <summary>They are one.</summary>
    None,

    /// <summary>They end before the record does, or its length is beyond all reason: where the next one begins can't be known.</summary>
    Truncated,

    /// <summary>The checksum does not fit: bytes have changed since they were written.</summary>
    Checksum,

    /// <summary>They are of a form that a newer gateway writes.</summary>
    UnknownVersion,

    /// <summary>The checksum fits but the fields do not: whoever wrote them was wrong.</summary>
    Malformed,
}
