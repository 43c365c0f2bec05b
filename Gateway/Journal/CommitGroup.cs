using System.Buffers;

namespace Gateway.Journal;

/// <summary>The records that reach the disk together, in one row and with one sync, and those who wait for that.</summary>
internal sealed class CommitGroup : IDisposable
{
    private const int InitialBytes = 4096;

    // Continuations must not run on the committer's thread, which has the next group to write.
    private readonly TaskCompletionSource<CommitResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(InitialBytes);

    public int Count { get; private set; }

    public int Bytes { get; private set; }

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

    public void Complete(CommitResult result) => _result.TrySetResult(result);

    /// <summary>Gives the buffer back. Waiters may still look at <see cref="Result"/>.</summary>
    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0)
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
internal readonly record struct CommitResult(long FirstSequence, JournalUnavailableReason? Failure = null, Exception? Cause = null);
