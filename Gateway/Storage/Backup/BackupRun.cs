namespace Gateway.Storage;

/// <summary>A backup that is being made, or was since the start. Written by who makes it, read by who asks.</summary>
internal sealed class BackupRun(string id, DateTimeOffset startedAt)
{
    private long _done;
    private long _total;
    private volatile BackupEnd? _end;

    /// <summary>By what it is asked for.</summary>
    public string Id => id;

    public DateTimeOffset StartedAt => startedAt;

    /// <summary>How many bytes are copied.</summary>
    public long Done => Volatile.Read(ref _done);

    /// <summary>How many are to be, about.</summary>
    public long Total => Volatile.Read(ref _total);

    /// <summary>How it ended; null while it is under way.</summary>
    public BackupEnd? End => _end;

    public void Progressed(long done, long total)
    {
        Volatile.Write(ref _total, total);
        Volatile.Write(ref _done, done);
    }

    public void Ended(BackupEnd end) => _end = end;
}

/// <summary>How a backup ended.</summary>
/// <param name="At">When.</param>
/// <param name="Folder">Where it is; null when it failed.</param>
/// <param name="Manifest">What is in it; null when it failed.</param>
/// <param name="Problem">Why it failed; null when it did not.</param>
internal sealed record BackupEnd(DateTimeOffset At, string? Folder, BackupManifest? Manifest, string? Problem);
