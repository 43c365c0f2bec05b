using Microsoft.Data.Sqlite;

namespace Gateway.Journal;

/// <summary>A connection that reads the journal. One thread at a time; the writer does not wait for it, nor it for the writer.</summary>
internal sealed class JournalReader : IDisposable
{
    // A batch of the longest records must not fill the memory, however many were asked for.
    private const int MaxBatchBytes = 8 * 1024 * 1024;

    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _groups;
    private readonly Action<long, long, JournalCodecError> _damaged;

    /// <param name="path">The journal's file.</param>
    /// <param name="damaged">Is told of what can't be read: the first record, how many, and why.</param>
    public JournalReader(string path, Action<long, long, JournalCodecError> damaged)
        : this(JournalFile.Connect(path, SqliteOpenMode.ReadOnly), damaged)
    {
    }

    private JournalReader(SqliteConnection connection, Action<long, long, JournalCodecError> damaged)
    {
        _damaged = damaged;
        _connection = connection;
        _groups = new SqliteStatement(_connection,
            """
            SELECT first_sequence, count, body FROM groups
            WHERE first_sequence >= coalesce((SELECT first_sequence FROM groups WHERE first_sequence <= ?1 ORDER BY first_sequence DESC LIMIT 1), 0)
            ORDER BY first_sequence
            """);
    }

    /// <summary>A reader of what is there now, also of a journal that is closed; what comes later it may not see.</summary>
    public static JournalReader Look(string path, Action<long, long, JournalCodecError> damaged) => new(JournalFile.ConnectToLook(path), damaged);

    /// <summary>The same out of groups in memory.</summary>
    public static List<JournalRecord> Read(
        List<RecentGroup> groups, long afterSequence, int maxRecords, RecordMemory? memory, Action<long, long, JournalCodecError> damaged)
    {
        var batch = new Batch(afterSequence, maxRecords, memory);
        foreach (var group in groups)
        {
            ReadGroup(group.First, group.Count, group.Body, batch, damaged);
        }

        return batch.Records;
    }

    /// <summary>The records after a sequence, in order; their bytes in the memory, or else in arrays of their own.</summary>
    public List<JournalRecord> Read(long afterSequence, int maxRecords, RecordMemory? memory = null)
    {
        var batch = new Batch(afterSequence, maxRecords, memory);
        try
        {
            _groups.Bind(1, afterSequence + 1);
            while (!batch.Full && _groups.Step())
            {
                var (first, count) = (_groups.Int64(0), _groups.Int64(1));
                if (first + count - 1 > afterSequence)
                {
                    ReadGroup(first, count, _groups.Blob(2), batch, _damaged);
                }
            }
        }
        finally
        {
            _groups.Reset();
        }

        return batch.Records;
    }

    /// <summary>The newest record that is on disk; 0 for none.</summary>
    public long LastSequence()
    {
        using var select = new SqliteStatement(_connection, "SELECT first_sequence + count - 1 FROM groups ORDER BY first_sequence DESC LIMIT 1");
        return select.Step() ? select.Int64(0) : 0;
    }

    /// <summary>
    /// The last record that was committed before a time; 0 for none. Groups stand in the order of their commits, so few need be
    /// looked at; where the clock was set back it may be a little off.
    /// </summary>
    public long LastBefore(DateTimeOffset since)
    {
        using var group = new SqliteStatement(_connection, "SELECT first_sequence, count, committed_at FROM groups WHERE first_sequence >= ?1 ORDER BY first_sequence LIMIT 1");
        var (low, high, last) = (1L, LastSequence() + 1, 0L);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            group.Bind(1, middle);
            var found = group.Step();
            var (first, end, committed) = found ? (group.Int64(0), group.Int64(0) + group.Int64(1), group.Int64(2)) : (high, high, long.MaxValue);
            group.Reset();
            if (committed < since.ToUnixTimeMilliseconds())
            {
                (low, last) = (end, end - 1);
            }
            else
            {
                high = middle;
            }
        }

        return last;
    }

    public void Dispose()
    {
        _groups.Dispose();
        _connection.Dispose();
    }

    private static void ReadGroup(long first, long count, ReadOnlySpan<byte> body, Batch batch, Action<long, long, JournalCodecError> damaged)
    {
        var walk = new GroupWalk(body, first, count);
        while (!batch.Full && walk.MoveNext())
        {
            if (walk.Entry is GroupEntry.Torn)
            {
                damaged(walk.Sequence, walk.Count, JournalCodecError.Truncated);
            }
            else if (walk.Entry is GroupEntry.Record && batch.Wants(walk.Sequence))
            {
                ReadRecord(walk.Sequence, walk.Bytes, batch, damaged);
            }
        }
    }

    private static void ReadRecord(long sequence, ReadOnlySpan<byte> bytes, Batch batch, Action<long, long, JournalCodecError> damaged)
    {
        var error = JournalCodec.TryRead(bytes, sequence, out var record, out _, batch.Memory);
        if (record is null)
        {
            damaged(sequence, 1, error);
        }
        else
        {
            batch.Add(record);
        }
    }

    /// <summary>What has been read so far, and whether that is enough.</summary>
    private sealed class Batch(long afterSequence, int maxRecords, RecordMemory? memory)
    {
        private long _bytes;

        public List<JournalRecord> Records { get; } = [];

        public RecordMemory? Memory => memory;

        public bool Full => Records.Count >= maxRecords || _bytes >= MaxBatchBytes;

        public bool Wants(long sequence) => sequence > afterSequence;

        public void Add(JournalRecord record)
        {
            Records.Add(record);
            _bytes += record.Payload.Length + record.Readings.Length;
        }
    }
}
