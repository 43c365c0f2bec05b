using Microsoft.Data.Sqlite;

namespace Gateway.Journal;

/// <summary>
/// Takes away what need not be kept, a little at a time: a group goes as a whole once nothing in it must stay, and is written anew
/// without what is gone as long as something must. Of the committer's thread alone.
/// </summary>
internal sealed class Pruner(SqliteConnection connection, RetentionTable table) : IDisposable
{
    // One step is one transaction, which frames wait for: some milliseconds.
    private const int MaxGroups = 256;
    private const long MaxBytes = 4 * 1024 * 1024;

    private readonly SqliteStatement _groups =
        new(connection, "SELECT first_sequence, count, committed_at, body FROM groups WHERE first_sequence > ?1 ORDER BY first_sequence");

    private readonly SqliteStatement _delete = new(connection, "DELETE FROM groups WHERE first_sequence = ?1");
    private readonly SqliteStatement _rewrite = new(connection, "UPDATE groups SET body = ?2 WHERE first_sequence = ?1");
    private readonly List<(long First, byte[]? Body)> _changes = [];

    /// <summary>Looks for what may go. Nothing is changed yet.</summary>
    public PruneStep Find(Retention retention, in PruneLimits limits)
    {
        _changes.Clear();
        var step = new PruneStep { Floor = table.FloorOf(retention) };
        if (table.Bytes.Of(retention) == 0)
        {
            // There is none anywhere, so nobody need look for it: the groups of the other kinds may be many.
            step.Floor = Math.Max(step.Floor, limits.LastSequence);
            return step;
        }

        var seen = 0L;
        try
        {
            _groups.Bind(1, step.Floor);
            for (var groups = 0; _groups.Step(); groups++)
            {
                var (first, count) = (_groups.Int64(0), _groups.Int64(1));
                var end = first + count - 1;
                var isOld = _groups.Int64(2) < limits.Before;
                var isTooMuch = table.Bytes.Of(retention) - step.Bytes > limits.MaxBytes;
                if (end >= limits.LastSequence || !(isOld || isTooMuch))
                {
                    break;
                }

                if (end > limits.Read && !(isTooMuch && limits.TakesUnread))
                {
                    step.IsHeld = isTooMuch;
                    break;
                }

                if (groups == MaxGroups || seen >= MaxBytes)
                {
                    step.IsMore = true;
                    break;
                }

                var body = _groups.Blob(3);
                seen += body.Length;
                Look(retention, first, count, body, step);
                step.Floor = end;
            }
        }
        finally
        {
            _groups.Reset();
        }

        return step;
    }

    /// <summary>Does what <see cref="Find"/> has found, in the open transaction.</summary>
    public void Apply(Retention retention, PruneStep step)
    {
        foreach (var (first, body) in _changes)
        {
            if (body is null)
            {
                _delete.Bind(1, first).Execute();
            }
            else
            {
                _rewrite.Bind(1, first).Bind(2, body).Execute();
            }
        }

        table.Removed(retention, step.Bytes, step.Floor);
    }

    public void Dispose()
    {
        _groups.Dispose();
        _delete.Dispose();
        _rewrite.Dispose();
    }

    private void Look(Retention retention, long first, long count, ReadOnlySpan<byte> body, PruneStep step)
    {
        var (taken, bytes, stays) = (0L, 0L, false);
        var walk = new GroupWalk(body, first, count);
        while (walk.MoveNext())
        {
            if (walk.Entry is GroupEntry.Removed)
            {
                continue;
            }

            if (Retentions.Of(walk.Bytes) == retention)
            {
                (taken, bytes) = (taken + walk.Count, bytes + walk.Bytes.Length);
            }
            else
            {
                stays = true;
            }
        }

        if (taken > 0)
        {
            _changes.Add((first, stays ? Thinned(retention, first, count, body) : null));
            step.Took(new TakenRecords(first, first + count - 1, taken), bytes);
        }
    }

    // What stays, and marks in the places of what does not: sequences follow from the place.
    private static byte[] Thinned(Retention retention, long first, long count, ReadOnlySpan<byte> body)
    {
        var thinned = new List<byte>(body.Length);
        Span<byte> mark = stackalloc byte[JournalCodec.MaxRemovedBytes];
        var gone = 0L;
        var walk = new GroupWalk(body, first, count);
        while (walk.MoveNext())
        {
            if (walk.Entry is GroupEntry.Removed || Retentions.Of(walk.Bytes) == retention)
            {
                gone += walk.Count;
                continue;
            }

            AddMark(thinned, mark, ref gone);
            thinned.AddRange(walk.Bytes);
        }

        AddMark(thinned, mark, ref gone);
        return [.. thinned];
    }

    private static void AddMark(List<byte> thinned, Span<byte> mark, ref long gone)
    {
        if (gone > 0)
        {
            thinned.AddRange(mark[..JournalCodec.WriteRemoved((uint)gone, mark)]);
            gone = 0;
        }
    }
}

/// <summary>What may go.</summary>
/// <param name="Before">What was committed before this, in milliseconds since 1970-01-01 UTC.</param>
/// <param name="MaxBytes">What is more than this.</param>
/// <param name="Read">Every reader has had the records up to this sequence.</param>
/// <param name="TakesUnread">Whether too much is too much although a reader has not had it.</param>
/// <param name="LastSequence">The journal's last record; its group stays, to number on from.</param>
internal readonly record struct PruneLimits(long Before, long MaxBytes, long Read, bool TakesUnread, long LastSequence);

/// <summary>Records of one retention that one group has lost.</summary>
internal readonly record struct TakenRecords(long First, long Last, long Count);

/// <summary>What was found to take away.</summary>
internal sealed class PruneStep
{
    private readonly List<TakenRecords> _taken = [];

    /// <summary>The groups that lose something.</summary>
    public IReadOnlyList<TakenRecords> Taken => _taken;

    public long Bytes { get; private set; }

    /// <summary>The last sequence that was looked at.</summary>
    public long Floor { get; set; }

    /// <summary>Whether there may be more to take away.</summary>
    public bool IsMore { get; set; }

    /// <summary>Whether there is too much, and a reader that has not had it is why it stays.</summary>
    public bool IsHeld { get; set; }

    public void Took(TakenRecords records, long bytes)
    {
        _taken.Add(records);
        Bytes += bytes;
    }
}
