using Microsoft.Data.Sqlite;

namespace Gateway.Journal;

/// <summary>
/// What each kind of retention has in the journal, and up to where it is gone. It is exact: the sums are written together with the
/// sequence up to which they count, and what came after is counted when the file is opened. Of the committer's thread alone.
/// </summary>
internal sealed class RetentionTable : IDisposable
{
    // So that little is left to count after a crash, and few commits carry the table along.
    private const long MaxUncountedBytes = 16 * 1024 * 1024;

    private readonly SqliteStatement _save;
    private readonly long[] _floors = new long[Retentions.All.Count + 1];
    private long _uncounted;

    public RetentionTable(SqliteConnection connection)
    {
        _save = new SqliteStatement(connection, "UPDATE retention SET floor = ?2, bytes = ?3, counted_to = ?4 WHERE class = ?1");
        var countedTo = Load(connection);
        Count(connection, countedTo);
    }

    /// <summary>How much there is.</summary>
    public RetainedBytes Bytes { get; private set; }

    /// <summary>Whether so much has come since the last <see cref="Save"/> that the next commit had better save it.</summary>
    public bool IsDue => _uncounted >= MaxUncountedBytes;

    /// <summary>Whether there is anything that the disk does not know.</summary>
    public bool IsUnsaved => _uncounted > 0;

    /// <summary>Up to here there is nothing of this retention.</summary>
    public long FloorOf(Retention retention) => _floors[(int)retention];

    public void Added(RetainedBytes bytes)
    {
        Bytes += bytes;
        _uncounted += bytes.Frames + bytes.Commands + bytes.Failures;
    }

    public void Removed(Retention retention, long bytes, long floor)
    {
        Bytes = Bytes.Plus(retention, -bytes);
        _floors[(int)retention] = Math.Max(floor, FloorOf(retention));
    }

    /// <summary>Writes it into the open transaction, which has all groups up to a sequence.</summary>
    public void Save(long countedTo)
    {
        foreach (var retention in Retentions.All)
        {
            _save.Bind(1, (long)retention).Bind(2, FloorOf(retention)).Bind(3, Bytes.Of(retention)).Bind(4, countedTo).Execute();
        }

        _uncounted = 0;
    }

    public void Dispose() => _save.Dispose();

    private long Load(SqliteConnection connection)
    {
        var countedTo = 0L;
        using var select = new SqliteStatement(connection, "SELECT class, floor, bytes, counted_to FROM retention");
        while (select.Step())
        {
            var retention = (Retention)select.Int64(0);
            if (Enum.IsDefined(retention))
            {
                _floors[(int)retention] = select.Int64(1);
                Bytes = Bytes.Plus(retention, select.Int64(2));
                countedTo = select.Int64(3);
            }
        }

        return countedTo;
    }

    private void Count(SqliteConnection connection, long countedTo)
    {
        using var select = new SqliteStatement(connection, "SELECT first_sequence, count, body FROM groups WHERE first_sequence > ?1 ORDER BY first_sequence");
        select.Bind(1, countedTo);
        while (select.Step())
        {
            var walk = new GroupWalk(select.Blob(2), select.Int64(0), select.Int64(1));
            while (walk.MoveNext())
            {
                if (walk.Entry is not GroupEntry.Removed)
                {
                    Added(default(RetainedBytes).Plus(Retentions.Of(walk.Bytes), walk.Bytes.Length));
                }
            }
        }
    }
}
