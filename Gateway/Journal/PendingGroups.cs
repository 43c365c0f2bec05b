using System.Runtime.CompilerServices;

namespace Gateway.Journal;

/// <summary>
/// The records that wait for the disk. Appends fill the open group; the committer takes it when it has done with the one before,
/// so that groups grow with the load; where many frames come it gathers for a moment first. Bounded by records and by bytes.
/// </summary>
internal sealed class PendingGroups(int maxRecords, TimeProvider time)
{
    /// <summary>A group this large is closed, and the next is opened behind it: a blob of a megabyte gains nothing by growing.</summary>
    private const int MaxGroupBytes = 1024 * 1024;

    /// <summary>With so many records nobody waits for more.</summary>
    public const int ManyRecords = 24;

    /// <summary>What may wait in all; room for several of the longest records.</summary>
    private const long MaxPendingBytes = 4L * JournalCodec.MaxRecordBytes;

    private readonly Lock _gate = new();

    // All under _gate. The last group of the queue is the open one.
    private readonly Queue<CommitGroup> _groups = new();
    private CommitGroup? _open;
    private CommitGroup? _taken;
    private int _records;
    private long _bytes;
    private bool _gathers;
    private bool _closed = true;

    public int Records => Volatile.Read(ref _records);

    public void Open()
    {
        lock (_gate)
        {
            _closed = false;
        }
    }

    /// <summary>Takes no more records. What waits can still be taken.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
        }
    }

    /// <summary>Adds records to the open group, all of them to the same, or says why not.</summary>
    /// <param name="records">The records.</param>
    /// <param name="place">Where the first went.</param>
    /// <param name="wake">Whether the committer may not know of the group yet, or lets it gather and need not any longer.</param>
    public JournalUnavailableReason? TryAdd(ReadOnlySpan<JournalRecord> records, out PlaceInGroup place, out bool wake) =>
        TryAdd(records, withWait: false, out place, out _, out wake);

    /// <summary>The same, with a wait for them.</summary>
    public JournalUnavailableReason? TryAdd(ReadOnlySpan<JournalRecord> records, out CommitWait? wait, out bool wake) =>
        TryAdd(records, withWait: true, out _, out wait, out wake);

    private JournalUnavailableReason? TryAdd(ReadOnlySpan<JournalRecord> records, bool withWait, out PlaceInGroup place, out CommitWait? wait, out bool wake)
    {
        (place, wait, wake) = (default, null, false);
        lock (_gate)
        {
            if (_closed)
            {
                return JournalUnavailableReason.Closed;
            }

            if (_records >= maxRecords || _bytes >= MaxPendingBytes)
            {
                return JournalUnavailableReason.Full;
            }

            var group = _open ?? new CommitGroup(time.GetTimestamp());
            var before = group.Bytes;
            place = new PlaceInGroup(group, group.Count);
            foreach (var record in records)
            {
                group.Add(record);
            }

            if (withWait)
            {
                wait = group.AddWait(place.Index);
            }

            _records += records.Length;
            _bytes += group.Bytes - before;
            if (_open is null)
            {
                _groups.Enqueue(group);
            }

            wake = _gathers ? _records >= ManyRecords : _open is null;
            _gathers &= !wake;

            _open = group.Bytes < MaxGroupBytes ? group : null;
            return null;
        }
    }

    /// <summary>Until it takes a group, the committer is woken for many records only. False when there are as many already.</summary>
    public bool BeginGathering()
    {
        lock (_gate)
        {
            return _gathers = _records < ManyRecords;
        }
    }

    /// <summary>The oldest group, which takes no more records from now on; null when nothing waits.</summary>
    public CommitGroup? Take()
    {
        lock (_gate)
        {
            _gathers = false;
            if (!_groups.TryDequeue(out var group))
            {
                return null;
            }

            if (group == _open)
            {
                _open = null;
            }

            _taken = group;
            return group;
        }
    }

    /// <summary>The group that was taken waits no more, whatever became of it.</summary>
    public void Done(CommitGroup group)
    {
        lock (_gate)
        {
            _records -= group.Count;
            _bytes -= group.Bytes;
            _taken = null;
        }
    }

    /// <summary>Tells those who wait for groups that have been waiting for longer than this. The groups themselves wait on.</summary>
    public void GiveUpAfter(TimeSpan patience)
    {
        var late = new List<CommitGroup>();
        lock (_gate)
        {
            if (_taken is not null && time.GetElapsedTime(_taken.OpenedAt) >= patience)
            {
                late.Add(_taken);
            }

            late.AddRange(_groups.Where(group => time.GetElapsedTime(group.OpenedAt) >= patience));
            if (_open is not null && late.Contains(_open))
            {
                // Whoever comes now waits for a group of its own.
                _open = null;
            }
        }

        late.ForEach(group => group.TellWaits(new CommitResult(0, JournalUnavailableReason.Slow)));
    }
}

/// <summary>Where a record stands: its sequence is the group's first plus the index.</summary>
internal readonly record struct PlaceInGroup(CommitGroup Group, int Index)
{
    /// <summary>Its sequence, once it is on disk.</summary>
    /// <exception cref="JournalUnavailableException">It is not known to be.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<long> SequenceAsync(CancellationToken cancellation)
    {
        var result = await Group.Result.WaitAsync(cancellation).ConfigureAwait(false);
        return result.Failure is not null ? throw result.ToException(this) : result.FirstSequence + Index;
    }
}
