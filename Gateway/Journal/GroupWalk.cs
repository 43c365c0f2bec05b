namespace Gateway.Journal;

/// <summary>
/// Goes through the body of a group from entry to entry: records, marks of records that are no longer kept, and a rest in which
/// nothing can be told apart any more.
/// </summary>
internal ref struct GroupWalk(ReadOnlySpan<byte> body, long firstSequence, long count)
{
    private readonly long _end = firstSequence + count;
    private ReadOnlySpan<byte> _rest = body;

    /// <summary>The sequence of the entry's first record.</summary>
    public long Sequence { get; private set; } = firstSequence;

    /// <summary>How many records the entry stands for.</summary>
    public long Count { get; private set; }

    /// <summary>The entry's bytes, header and all.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>What the entry is.</summary>
    public GroupEntry Entry { get; private set; }

    /// <summary>Goes to the next entry; false after the last.</summary>
    public bool MoveNext()
    {
        Sequence += Count;
        if (Sequence >= _end)
        {
            return false;
        }

        if (!JournalCodec.TryFrame(_rest, out var length))
        {
            // Behind a broken length nothing can be found any more.
            (Entry, Count) = (GroupEntry.Torn, _end - Sequence);
            Bytes = _rest;
            _rest = default;
            return true;
        }

        Bytes = _rest[..length];
        _rest = _rest[length..];
        var removed = JournalCodec.ReadRemoved(Bytes);
        (Entry, Count) = removed > 0 ? (GroupEntry.Removed, Math.Min(removed, _end - Sequence)) : (GroupEntry.Record, 1);
        return true;
    }
}

/// <summary>What stands at a place in a group.</summary>
internal enum GroupEntry
{
    /// <summary>A record; whether it is whole is not known yet.</summary>
    Record,

    /// <summary>A mark of records that are no longer kept.</summary>
    Removed,

    /// <summary>The rest of the group, which can't be taken apart.</summary>
    Torn,
}
