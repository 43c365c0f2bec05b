using Microsoft.Data.Sqlite;

namespace Gateway.Journal;

/// <summary>A connection that reads the journal. One thread at a time; the writer does not wait for it, nor it for the writer.</summary>
internal sealed class JournalReader : IDisposable
{
    // A batch of the longest records must not fill the memory, however many were asked for.
    private const int MaxBatchBytes = 8 * 1024 * 1024;

    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _groups;
    private readonly DamageLedger _damage;

    public JournalReader(string path, DamageLedger damage)
    {
        _damage = damage;
        _connection = JournalFile.Connect(path, SqliteOpenMode.ReadOnly);
        _groups = new SqliteStatement(_connection,
            """
            SELECT first_sequence, count, body FROM groups
            WHERE first_sequence >= coalesce((SELECT first_sequence FROM groups WHERE first_sequence <= ?1 ORDER BY first_sequence DESC LIMIT 1), 0)
            ORDER BY first_sequence
            """);
    }

    public List<JournalRecord> Read(long afterSequence, int maxRecords)
    {
        var batch = new Batch(afterSequence, maxRecords);
        try
        {
            _groups.Bind(1, afterSequence + 1);
            while (!batch.Full && _groups.Step())
            {
                var (first, count) = (_groups.Int64(0), _groups.Int64(1));
                if (first + count - 1 > afterSequence)
                {
                    ReadGroup(first, count, _groups.Blob(2), batch);
                }
            }
        }
        finally
        {
            _groups.Reset();
        }

        return batch.Records;
    }

    public void Dispose()
    {
        _groups.Dispose();
        _connection.Dispose();
    }

    private void ReadGroup(long first, long count, ReadOnlySpan<byte> body, Batch batch)
    {
        for (var sequence = first; sequence < first + count && !batch.Full; sequence++)
        {
            var error = JournalCodecError.None;
            if (batch.Wants(sequence))
            {
                error = JournalCodec.TryRead(body, sequence, out var record, out var length);
                body = body[length..];
                if (record is not null)
                {
                    batch.Add(record);
                    continue;
                }
            }
            else if (JournalCodec.TryFrame(body, out var length))
            {
                body = body[length..];
                continue;
            }
            else
            {
                error = JournalCodecError.Truncated;
            }

            // Behind a broken length nothing can be found any more; behind a broken record the next one can.
            var lost = error is JournalCodecError.Truncated ? first + count - sequence : 1;
            _damage.Report(sequence, lost, error);
            sequence += lost - 1;
        }
    }

    /// <summary>What has been read so far, and whether that is enough.</summary>
    private sealed class Batch(long afterSequence, int maxRecords)
    {
        private long _bytes;

        public List<JournalRecord> Records { get; } = [];

        public bool Full => Records.Count >= maxRecords || _bytes >= MaxBatchBytes;

        public bool Wants(long sequence) => sequence > afterSequence;

        public void Add(JournalRecord record)
        {
            Records.Add(record);
            _bytes += record.Payload.Length + record.Readings.Length;
        }
    }
}
