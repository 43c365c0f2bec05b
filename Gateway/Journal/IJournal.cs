namespace Gateway.Journal;

/// <summary>The durable record of every frame, of commands' steps and of what was given up. Its records stand in one order, and are numbered from 1.</summary>
internal interface IJournal
{
    /// <summary>Which journal this is, the same for as long as its file lives: see <see cref="JournalSchema.IdentityOf"/>.</summary>
    string Id { get; }

    /// <summary>The newest record that is on disk; 0 for none.</summary>
    long LastSequence { get; }

    JournalHealth Health { get; }

    /// <summary>
    /// Appends a record, and returns its sequence once it is on disk: what the disk has not confirmed never returns.
    /// Cancelling ends the wait, not the writing: the record may still be kept. The record's bytes are copied before this returns.
    /// </summary>
    /// <exception cref="JournalUnavailableException">The record is not known to be on disk. It might be all the same: a disk that fails tells no more.</exception>
    /// <exception cref="ArgumentException">The record is longer than <see cref="JournalCodec.MaxRecordBytes"/>, or lacks what its kind must have.</exception>
    ValueTask<long> AppendAsync(JournalRecord record, CancellationToken cancellation);

    /// <summary>
    /// The same for records that belong together, such as a frame and the step of the command that its answer carries: all of them
    /// are on disk, one behind the other, or none is. Returns the sequence of the first.
    /// </summary>
    ValueTask<long> AppendAsync(ReadOnlySpan<JournalRecord> records, CancellationToken cancellation);

    /// <summary>
    /// The same for a frame whose device waits, and for what belongs to it. The caller goes on with the thread that makes the commits, so it must be
    /// quick, wait for nothing and not throw; a wait of more than ten seconds ends with <see cref="JournalUnavailableReason.Slow"/>, and
    /// <see cref="JournalUnavailableException.Settled"/> tells the rest. Await it once.
    /// </summary>
    ValueTask<long> AppendFrameAsync(ReadOnlySpan<JournalRecord> records) => AppendAsync(records, CancellationToken.None);

    /// <summary>
    /// The records after a sequence, in order. There may be fewer than asked for although more are there, but never none.
    /// Records that are damaged or no longer kept are left out; damage is logged.
    /// </summary>
    IReadOnlyList<JournalRecord> Read(long afterSequence, int maxRecords);

    /// <summary>The same, with payloads and readings in memory that the caller uses again for the next records.</summary>
    IReadOnlyList<JournalRecord> Read(long afterSequence, int maxRecords, RecordMemory? memory) => Read(afterSequence, maxRecords);

    /// <summary>The last record that was committed before an instant; 0 for none. Where the clock was set back it may be a little off.</summary>
    long LastBefore(DateTimeOffset instant);

    /// <summary>Completes once there is a record after this sequence.</summary>
    Task WaitForRecordsAsync(long afterSequence, CancellationToken cancellation);

    /// <summary>The last record that a reader of this name has done with; 0 when it has done with none.</summary>
    long Cursor(string name);

    /// <summary>
    /// Moves a cursor forward; backward is ignored. It reaches the disk with the next group of records or within about a second,
    /// so that after a crash a reader may get some records again, but never misses one.
    /// </summary>
    void Advance(string name, long sequence);

    /// <summary>Names the readers that records are kept for until they have them; from now on no other cursor holds anything.</summary>
    void KeepFor(IReadOnlyCollection<string> cursors);
}
