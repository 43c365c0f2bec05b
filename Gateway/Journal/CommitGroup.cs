using System.Buffers;

namespace Gateway.Journal;

/// <summary>The records that reach the disk together, in one row and with one sync, and those who wait for that.</summary>
/// <param name="openedAt">When its first record came, as a timestamp.</param>
internal sealed class CommitGroup(long openedAt) : IDisposable
{
    private const int InitialBytes = 4096;

    // Continuations must not run on the committer's thread, which has the next group to write.
    private readonly TaskCompletionSource<CommitResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(InitialBytes);

    // Those who go on with the thread that tells them. Whoever takes the list tells them; nobody is added to a group that is told.
    private List<CommitWait>? _waits = [];

    public long OpenedAt => openedAt;

    public int Count { get; private set; }

    public int Bytes { get; private set; }

    /// <summary>How many go on with the thread that tells them: each is a frame whose device waits.</summary>
    public int Waits { get; private set; }

    public ReadOnlySpan<byte> Body => _buffer.AsSpan(0, Bytes);

    /// <summary>What became of the group. Never faulted: a failure is a result.</summary>
    public Task<CommitResult> Result => _result.Task;

    /// <summary>How many bytes each kind of retention has in the group.</summary>
    public RetainedBytes Retained { get; private set; }

    /// <summary>Adds a record.</summary>
    public void Add(JournalRecord record)
    {
        Reserve(checked(Bytes + (int)JournalCodec.MaxBytes(record)));
        var written = JournalCodec.Write(record, _buffer.AsSpan(Bytes));
        Bytes += written;
        Count++;
        Retained = Retained.Plus(Retentions.Of(record.Kind), written);
    }

    /// <summary>A wait for records that were added.</summary>
    /// <param name="index">Where the first of them stands.</param>
    public CommitWait AddWait(int index)
    {
        var wait = new CommitWait(new PlaceInGroup(this, index));
        _waits!.Add(wait);
        Waits++;
        return wait;
    }

    /// <summary>Tells all who wait. None of them may throw.</summary>
    public void Complete(CommitResult result)
    {
        TellWaits(result);
        _result.TrySetResult(result);
    }

    /// <summary>Tells those who go on with the thread that tells them, if nobody has yet. What becomes of the group is not settled by that.</summary>
    public void TellWaits(CommitResult result)
    {
        if (Interlocked.Exchange(ref _waits, null) is { } waits)
        {
            foreach (var wait in waits)
            {
                wait.Tell(result);
            }
        }
    }

    /// <summary>Gives the buffer, whose first <see cref="Bytes"/> are the body, to somebody else.</summary>
    public byte[] HandOverBuffer()
    {
        var buffer = _buffer;
        _buffer = [];
        return buffer;
    }

    /// <summary>Gives the buffer back. Waiters may still look at <see cref="Result"/>.</summary>
    public void Dispose()
    {
        if (HandOverBuffer() is { Length: > 0 } buffer)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Reserve(int bytes)
    {
        if (bytes <= _buffer.Length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(bytes, _buffer.Length * 2));
        Body.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}

/// <summary>What became of a group: the sequence of its first record, or why it is not on disk.</summary>
internal readonly record struct CommitResult(long FirstSequence, JournalUnavailableReason? Failure = null, Exception? Cause = null)
{
    /// <summary>The failure, for one who waited for what stands there.</summary>
    public JournalUnavailableException ToException(PlaceInGroup place) =>
        new(Failure!.Value, $"the frame could not be kept: {Cause?.Message ?? "the disk takes too long"}", Cause)
        {
            Settled = Failure is JournalUnavailableReason.Slow ? () => place.SequenceAsync(CancellationToken.None).AsTask() : null,
        };
}
