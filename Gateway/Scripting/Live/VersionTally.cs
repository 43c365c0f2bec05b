namespace Gateway.Scripting;

/// <summary>What became of the frames that a version was given since it went live. Counted by all threads.</summary>
internal sealed class VersionTally
{
    private long _frames;
    private long _invalid;
    private long _failed;
    private int _stopsInARow;

    /// <summary>Frames that it was given.</summary>
    public long Frames => Volatile.Read(ref _frames);

    /// <summary>Of these, the frames that it called invalid.</summary>
    public long Invalid => Volatile.Read(ref _invalid);

    /// <summary>Of these, the frames that it failed on, or was stopped on.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <summary>How many of the last frames, of whatever device, it was stopped on one after the other.</summary>
    public int StopsInARow => Volatile.Read(ref _stopsInARow);

    /// <summary>A frame was given to it.</summary>
    /// <param name="failure">Why it gave no readings; null when it did.</param>
    public void Add(ScriptFailureKind? failure)
    {
        Interlocked.Increment(ref _frames);
        if (failure is ScriptFailureKind.LimitExceeded)
        {
            Interlocked.Increment(ref _stopsInARow);
        }
        else if (StopsInARow != 0)
        {
            Volatile.Write(ref _stopsInARow, 0);
        }

        if (failure is ScriptFailureKind.InvalidPayload)
        {
            Interlocked.Increment(ref _invalid);
        }
        else if (failure is not null)
        {
            Interlocked.Increment(ref _failed);
        }
    }
}
