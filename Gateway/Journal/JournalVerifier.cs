using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Gateway.Journal;

/// <summary>
/// Goes through a whole journal and says what is in it and what is wrong with it. The gateway may be running meanwhile: what it
/// sees is the journal as it was at the beginning.
/// </summary>
internal sealed class JournalVerifier(string path, TimeProvider time)
{
    // Whoever reads more of them learns nothing more.
    private const int MaxProblems = 100;

    private readonly List<string> _problems = [];
    private long _untold;
    private readonly Dictionary<JournalRecordKind, KindCount> _kinds = [];
    private readonly List<CursorPosition> _cursors = [];
    private long _first;
    private long _last;
    private long _removed;

    /// <exception cref="SqliteException">The file can't be opened, or is no database.</exception>
    /// <exception cref="JournalFileException">It is no journal, or one of a newer gateway.</exception>
    public JournalVerdict Verify(CancellationToken cancellation)
    {
        _problems.AddRange(JournalIntegrity.Check(path, TimeSpan.MaxValue, time).Problems.Select(problem => $"the file is damaged: {problem}"));
        LookAtWal();
        using var connection = JournalFile.ConnectToLook(path);
        JournalSchema.Check(connection, path);
        try
        {
            ReadGroups(connection, JournalSchema.FloorOf(connection), cancellation);
            ReadCursors(connection);
        }
        catch (SqliteException failure) when (failure.SqliteErrorCode is SQLitePCL.raw.SQLITE_CORRUPT)
        {
            _problems.Add(string.Create(CultureInfo.InvariantCulture, $"nothing behind record {_last} can be read: {failure.Message}"));
        }

        if (_untold > 0)
        {
            _problems.Add(string.Create(CultureInfo.InvariantCulture, $"and {_untold} more of the like"));
        }

        return new JournalVerdict(_first, _last, _kinds, _removed, _cursors, _problems);
    }

    // Twice, and the same both times: while the gateway writes, one look alone may see half of a frame.
    private void LookAtWal()
    {
        if (WalScan.Read(path + "-wal") is { IsDamaged: true } first && WalScan.Read(path + "-wal") is { IsDamaged: true } second && first.Place == second.Place)
        {
            _problems.Add(string.Create(CultureInfo.InvariantCulture,
                $"the WAL is damaged at {first.Place}: {first.CommitsBehind} commits stand behind it, which are not read here; the gateway saves what can be saved when it starts"));
        }
    }

    private void ReadGroups(SqliteConnection connection, long floor, CancellationToken cancellation)
    {
        using var groups = new SqliteStatement(connection, "SELECT first_sequence, count, body FROM groups ORDER BY first_sequence");
        while (groups.Step())
        {
            cancellation.ThrowIfCancellationRequested();
            var (first, count) = (groups.Int64(0), groups.Int64(1));
            _first = _first == 0 ? first : _first;
            if (_last > 0 && first > _last + 1 && first - 1 > floor)
            {
                Add(_last + 1, first - 1, "are missing");
            }
            else if (first <= _last)
            {
                Add(first, _last, "are there twice");
            }

            ReadGroup(first, count, groups.Blob(2));
            _last = Math.Max(_last, first + count - 1);
        }
    }

    private void ReadGroup(long first, long count, ReadOnlySpan<byte> body)
    {
        var walk = new GroupWalk(body, first, count);
        while (walk.MoveNext())
        {
            if (walk.Entry is GroupEntry.Removed)
            {
                _removed += walk.Count;
            }
            else if (walk.Entry is GroupEntry.Torn)
            {
                Add(walk.Sequence, walk.Sequence + walk.Count - 1, "are cut off");
            }
            else if (JournalCodec.TryRead(walk.Bytes, walk.Sequence, out var record, out _) is var error && record is null)
            {
                Add(walk.Sequence, walk.Sequence, $"can't be read ({error})");
            }
            else
            {
                var (records, bytes) = _kinds.GetValueOrDefault(record!.Kind);
                _kinds[record.Kind] = new KindCount(records + 1, bytes + walk.Bytes.Length);
            }
        }
    }

    private void ReadCursors(SqliteConnection connection)
    {
        using var cursors = new SqliteStatement(connection, "SELECT name, sequence FROM cursors ORDER BY name");
        while (cursors.Step())
        {
            _cursors.Add(new CursorPosition(cursors.Text(0), cursors.Int64(1)));
        }
    }

    private void Add(long first, long last, string problem)
    {
        if (_problems.Count < MaxProblems)
        {
            _problems.Add(string.Create(CultureInfo.InvariantCulture, $"records {first} to {last} {problem}"));
        }
        else
        {
            _untold++;
        }
    }
}

/// <summary>What is in a journal, and what is wrong with it.</summary>
/// <param name="First">Its first record; 0 for none.</param>
/// <param name="Last">Its last record; 0 for none.</param>
/// <param name="Kinds">How many records of each kind can be read, and how long they are.</param>
/// <param name="Removed">How many are no longer kept, in groups that are still there for others.</param>
/// <param name="Cursors">How far each reader has come.</param>
/// <param name="Problems">What is wrong; nothing when all is well.</param>
internal sealed record JournalVerdict(
    long First, long Last, IReadOnlyDictionary<JournalRecordKind, KindCount> Kinds, long Removed, IReadOnlyList<CursorPosition> Cursors, IReadOnlyList<string> Problems);

/// <summary>Records of one kind.</summary>
internal readonly record struct KindCount(long Records, long Bytes);
