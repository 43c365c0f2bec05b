using Gateway.Journal;

namespace Gateway.Uplink;

/// <summary>
/// What a part of the journal tells of frames that were read again. Those records stand behind their frames, anywhere up to the end, so they
/// are looked through first. Bounded: when there are too many, only those of the frames that come first are kept, and
/// <see cref="KnownUpTo"/> says how far they reach; for the frames behind it the journal is looked through once more. Of one replay.
/// </summary>
/// <param name="after">Frames up to here do not matter.</param>
/// <param name="capacity">How many frames are remembered at most.</param>
internal sealed class RevisionIndex(long after, int capacity = RevisionIndex.DefaultCapacity)
{
    /// <summary>About 12 MB.</summary>
    public const int DefaultCapacity = 256 * 1024;

    private readonly Dictionary<long, PastReading> _past = [];

    /// <summary>All that was added of frames up to here is remembered.</summary>
    public long KnownUpTo { get; private set; } = long.MaxValue;

    /// <summary>Takes note of a record, if it is about a frame that was read again. Records come in their order.</summary>
    public void Add(JournalRecord record)
    {
        if (record.Kind is not JournalRecordKind.Reread || record.About <= after || record.About > KnownUpTo)
        {
            return;
        }

        _past[record.About] = _past.GetValueOrDefault(record.About).Then(record);
        if (_past.Count > capacity)
        {
            ForgetUpperHalf();
        }
    }

    /// <summary>What is known of a frame, from its own record and from later ones.</summary>
    public PastReading Of(JournalRecord frame) => PastReading.Of(frame, _past.TryGetValue(frame.Sequence, out var later) ? later : null);

    private void ForgetUpperHalf()
    {
        long[] frames = [.. _past.Keys];
        Array.Sort(frames);
        KnownUpTo = frames[frames.Length / 2];
        foreach (var frame in frames.AsSpan((frames.Length / 2) + 1))
        {
            _past.Remove(frame);
        }
    }
}
