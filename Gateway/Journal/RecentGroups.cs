using System.Buffers;

namespace Gateway.Journal;

/// <summary>
/// The groups that were committed last, as they are on disk: readers that keep up with the journal find them here, and SQLite need not put
/// them together again from its pages. Bounded by bytes. The committer adds, anybody reads.
/// </summary>
/// <param name="maxBytes">How many bytes the buffers may have.</param>
internal sealed class RecentGroups(long maxBytes)
{
    private readonly Lock _gate = new();

    // Under _gate. They follow each other without a gap, the oldest first.
    private readonly Queue<RecentGroup> _groups = new();
    private long _bytes;
    private long _next;

    /// <summary>Takes over a group's buffer.</summary>
    public void Add(long first, int count, byte[] buffer, int length)
    {
        lock (_gate)
        {
            if (first != _next)
            {
                Forget();
            }

            _groups.Enqueue(new RecentGroup(first, count, buffer, length));
            _bytes += buffer.Length;
            _next = first + count;
            while (_bytes > maxBytes)
            {
                DropOldest();
            }
        }
    }

    /// <summary>Forgets all: what is on disk is another now.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            Forget();
        }
    }

    /// <summary>The groups from the one on that has a record; none when that one is not here. Whoever gets them gives them back.</summary>
    public List<RecentGroup> Take(long sequence, int maxRecords)
    {
        var taken = new List<RecentGroup>();
        lock (_gate)
        {
            if (!_groups.TryPeek(out var oldest) || sequence < oldest.First || sequence >= _next)
            {
                return taken;
            }

            foreach (var group in _groups)
            {
                if (group.First - sequence >= maxRecords)
                {
                    break;
                }

                if (group.First + group.Count > sequence)
                {
                    group.Readers++;
                    taken.Add(group);
                }
            }
        }

        return taken;
    }

    public void GiveBack(List<RecentGroup> taken)
    {
        lock (_gate)
        {
            foreach (var group in taken)
            {
                group.Readers--;
                Release(group);
            }
        }
    }

    private void Forget()
    {
        while (_groups.Count > 0)
        {
            DropOldest();
        }
    }

    private void DropOldest()
    {
        var oldest = _groups.Dequeue();
        _bytes -= oldest.Buffer.Length;
        oldest.IsDropped = true;
        Release(oldest);
    }

    private static void Release(RecentGroup group)
    {
        if (group is { IsDropped: true, Readers: 0 })
        {
            ArrayPool<byte>.Shared.Return(group.Buffer);
        }
    }
}

/// <summary>A group in memory.</summary>
internal sealed class RecentGroup(long first, int count, byte[] buffer, int length)
{
    public long First => first;

    public int Count => count;

    public byte[] Buffer => buffer;

    public ReadOnlySpan<byte> Body => buffer.AsSpan(0, length);

    /// <summary>How many read it. Guarded by the gate of <see cref="RecentGroups"/>, like what follows.</summary>
    public int Readers { get; set; }

    public bool IsDropped { get; set; }
}
