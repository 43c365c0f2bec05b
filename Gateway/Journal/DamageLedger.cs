namespace Gateway.Journal;

/// <summary>What was found unreadable. Every reader comes past the same damage, some again and again: it is told once.</summary>
internal sealed class DamageLedger(JournalMetrics metrics, ILogger logger)
{
    // With this much damage, one more line in the log says nothing new.
    private const int MaxRemembered = 1024;

    private readonly Lock _gate = new();
    private readonly HashSet<long> _known = [];
    private long _records;

    public long Records => Volatile.Read(ref _records);

    /// <param name="sequence">The first record that is lost.</param>
    /// <param name="count">How many are.</param>
    /// <param name="error">Why.</param>
    public void Report(long sequence, long count, JournalCodecError error)
    {
        lock (_gate)
        {
            if (_known.Count >= MaxRemembered || !_known.Add(sequence))
            {
                return;
            }

            _records += count;
        }

        metrics.Damaged(count);
        logger.RecordsDamaged(sequence, sequence + count - 1, error);
    }

    /// <summary>The last records are not there any more.</summary>
    /// <param name="sequence">The first of them.</param>
    /// <param name="count">How many they were.</param>
    public void ReportCutOff(long sequence, long count)
    {
        lock (_gate)
        {
            _records += count;
        }

        metrics.Damaged(count);
        logger.CutOff(sequence, sequence + count - 1);
    }
}
