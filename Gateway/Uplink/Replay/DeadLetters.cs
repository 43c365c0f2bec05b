using System.Runtime.CompilerServices;
using Gateway.Journal;

namespace Gateway.Uplink;

/// <summary>Lists the frames that are kept and were not read when they came. One list is made at a time: each may read a large part of the journal.</summary>
internal sealed class DeadLetters(IJournal journal) : IDisposable
{
    private const int RecordsAtOnce = 256;

    // A page without a single hit must end too. Whoever asks goes on behind it.
    private const int MostLooked = 100_000;

    // Held while a list is made.
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>A page of them, in the order in which they came, each with what later replays made of it.</summary>
    /// <param name="query">Which ones.</param>
    /// <param name="cancellation">Ends it: the journal may be large.</param>
    public async Task<DeadLetterPage> ListAsync(DeadLetterQuery query, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            return await LookAsync(query, cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<DeadLetterPage> LookAsync(DeadLetterQuery query, CancellationToken cancellation)
    {
        var end = journal.LastSequence;
        var after = Math.Max(query.After, query.Filter.Since is { } since ? journal.LastBefore(since) : 0);
        var (letters, reached) = (new List<JournalRecord>(), Math.Min(end, after + MostLooked));
        await foreach (var record in RecordsAsync(after, reached, cancellation))
        {
            if (query.Takes(record))
            {
                letters.Add(record);
                if (letters.Count == query.Limit)
                {
                    reached = record.Sequence;
                    break;
                }
            }
        }

        return new DeadLetterPage(letters.Count == 0 ? [] : await WithRevisionsAsync(letters, end, cancellation), reached < end ? reached : null);
    }

    // What a replay made of them stands behind them, anywhere up to the end.
    private async Task<IReadOnlyList<DeadLetter>> WithRevisionsAsync(List<JournalRecord> letters, long end, CancellationToken cancellation)
    {
        var later = letters.ToDictionary(letter => letter.Sequence, _ => default(Later));
        await foreach (var record in RecordsAsync(letters[0].Sequence, end, cancellation))
        {
            if (record.Kind is JournalRecordKind.Reread && later.TryGetValue(record.About, out var known))
            {
                later[record.About] = new Later(Math.Max(known.Revision, record.Revision), known.HasBeenRead || record.Outcome is FrameOutcome.Parsed);
            }
        }

        return [.. letters.Select(letter => new DeadLetter(letter, later[letter.Sequence].Revision, later[letter.Sequence].HasBeenRead))];
    }

    private async IAsyncEnumerable<JournalRecord> RecordsAsync(long after, long end, [EnumeratorCancellation] CancellationToken cancellation)
    {
        while (after < end)
        {
            // Live frames wait for threads, too.
            await Task.Yield();
            cancellation.ThrowIfCancellationRequested();
            var records = journal.Read(after, RecordsAtOnce);
            foreach (var record in records.TakeWhile(record => record.Sequence <= end))
            {
                yield return record;
            }

            after = records.Count > 0 ? records[^1].Sequence : end;
        }
    }

    private readonly record struct Later(int Revision, bool HasBeenRead);
}

/// <summary>Which dead letters are meant.</summary>
/// <param name="Filter">By device, profile and time.</param>
/// <param name="Reason">By what became of them; null for any.</param>
/// <param name="After">Only those behind this record.</param>
/// <param name="Limit">How many at most.</param>
internal sealed record DeadLetterQuery(ReplayRequest Filter, FrameOutcome? Reason, long After, int Limit)
{
    public bool Takes(JournalRecord record) => ReplaySelection.Takes(Filter, record) && (Reason is null || record.Outcome == Reason);
}

/// <summary>A frame that was not read when it came.</summary>
/// <param name="Frame">Its record.</param>
/// <param name="Revision">How often it was read again.</param>
/// <param name="HasBeenRead">Whether one of these times gave its readings.</param>
internal sealed record DeadLetter(JournalRecord Frame, int Revision, bool HasBeenRead);

/// <summary>Some dead letters.</summary>
/// <param name="Letters">Maybe none, although there are more: then the next page goes on behind what was looked at.</param>
/// <param name="Next">What to go on after; null at the end.</param>
internal sealed record DeadLetterPage(IReadOnlyList<DeadLetter> Letters, long? Next);
