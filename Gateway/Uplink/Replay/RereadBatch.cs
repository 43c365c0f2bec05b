using Gateway.Journal;

namespace Gateway.Uplink;

/// <summary>
/// What a replay has found out and not yet kept. All of it becomes durable with one append, or nothing of it does, and only then is it counted.
/// Never more than one append is under way. Of one replay.
/// </summary>
internal sealed class RereadBatch(IJournal journal, TimeProvider time, ReplayRun run)
{
    private const int MostRecords = 32;
    private const int MostBytes = 1024 * 1024;

    // Where scripts are slow, whoever looks at the progress must not wait for a whole batch, nor is more than this lost to a kill.
    private static readonly TimeSpan LongestKept = TimeSpan.FromMilliseconds(500);

    // The disk is full, or live frames fill the queue: neither is over in a moment.
    private static readonly TimeSpan PauseWhenFull = TimeSpan.FromSeconds(1);

    private readonly List<JournalRecord> _records = [];
    private ReplayCounts _counts;
    private long _bytes;
    private long _keptAt = time.GetTimestamp();

    /// <summary>Whether it is time to keep what is there.</summary>
    public bool IsFull => _records.Count >= MostRecords || _bytes >= MostBytes || time.GetElapsedTime(_keptAt) >= LongestKept;

    public void Count(ReplayCounts counts) => _counts += counts;

    public void Add(JournalRecord reread)
    {
        _records.Add(reread);
        _bytes += reread.Readings.Length;
    }

    /// <summary>Keeps it, and counts it.</summary>
    /// <exception cref="JournalUnavailableException">The disk failed. What was under way may be kept or not: another replay will see.</exception>
    public async Task KeepAsync(CancellationToken cancellation)
    {
        while (_records.Count > 0 && !await TryAppendAsync())
        {
            await Task.Delay(PauseWhenFull, time, cancellation);
        }

        run.Count(_counts);
        (_counts, _bytes, _keptAt) = (default, 0, time.GetTimestamp());
        _records.Clear();
    }

    /// <summary>False when nothing was written for lack of room. After any other failure it isn't known, so it must not be tried again.</summary>
    private async Task<bool> TryAppendAsync()
    {
        try
        {
            // Not cancelled: what is written must be counted too.
            await journal.AppendAsync([.. _records], CancellationToken.None);
            return true;
        }
        catch (JournalUnavailableException e) when (e.Reason is JournalUnavailableReason.Full or JournalUnavailableReason.NoRoom)
        {
            return false;
        }
    }
}
