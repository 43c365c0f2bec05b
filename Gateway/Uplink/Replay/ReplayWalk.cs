using System.Runtime.CompilerServices;
using Gateway.Journal;

namespace Gateway.Uplink;

/// <summary>A replay's walk through the journal: in order, up to an end that is fixed when it begins. Of one replay.</summary>
internal sealed class ReplayWalk(IJournal journal, FrameReplay frames, ReplayPace pace, RereadBatch batch, ReplayRun run, int remembered = RevisionIndex.DefaultCapacity)
{
    private const int RecordsAtOnce = 256;

    // A frame is received before it is committed, and answered within seconds.
    private static readonly TimeSpan LongestUncommitted = TimeSpan.FromMinutes(1);

    private readonly StoppedScripts _stopped = new();

    public async Task RunAsync(CancellationToken cancellation)
    {
        var end = journal.LastSequence;
        var (after, last) = RangeUpTo(end);
        run.Expect(Math.Max(last - after, 0));
        while (after < last)
        {
            run.Enter(ReplayState.Preparing);
            var past = await LookBackAsync(after, end, cancellation);
            run.Enter(ReplayState.Running);
            var upTo = Math.Min(last, past.KnownUpTo);
            await ReadAgainAsync(after, upTo, past, cancellation);
            after = upTo;
        }
    }

    private (long After, long Last) RangeUpTo(long end)
    {
        var request = run.Request;
        var after = request.Since is { } since ? journal.LastBefore(since) : 0;
        var last = request.Until is { } until ? journal.LastBefore(until + LongestUncommitted) : end;
        return (Math.Max(after, (request.SinceSequence ?? 1) - 1), Math.Min(last, end));
    }

    private async Task<RevisionIndex> LookBackAsync(long after, long end, CancellationToken cancellation)
    {
        run.Expect(end - after);
        var past = new RevisionIndex(after, remembered);
        await foreach (var record in RecordsAsync(after, end, cancellation))
        {
            past.Add(record);
        }

        return past;
    }

    private async Task ReadAgainAsync(long after, long upTo, RevisionIndex past, CancellationToken cancellation)
    {
        await foreach (var record in RecordsAsync(after, upTo, cancellation))
        {
            if (!ReplaySelection.Takes(run.Request, record))
            {
                continue;
            }

            var known = past.Of(record);
            if (known.HasBeenRead && !run.Request.All)
            {
                batch.Count(new ReplayCounts { Skipped = 1 });
                continue;
            }

            await pace.TurnAsync(1, cancellation);
            Settle(record, known, await frames.ReadAsync(record, _stopped, cancellation));
            if (batch.IsFull)
            {
                await batch.KeepAsync(cancellation);
            }
        }

        await batch.KeepAsync(cancellation);
    }

    private void Settle(JournalRecord record, PastReading known, ReplayedFrame again)
    {
        var frame = again.Frame;
        var isNew = again.WasTried && !known.IsSame(frame);
        batch.Count(CountOf(frame, isNew));
        if (frame.Outcome is not FrameOutcome.Parsed)
        {
            run.NoteFailure(ReplayNote.Of(record, again));
        }

        if (isNew && run.Request.DryRun)
        {
            run.NoteDifference(ReplayNote.Of(record, again));
        }
        else if (isNew)
        {
            batch.Add(frame.ToReread(record, again.DeviceId, known.Revision + 1));
        }
    }

    private static ReplayCounts CountOf(Frame frame, bool isNew) => frame.Outcome switch
    {
        FrameOutcome.Parsed when isNew => new ReplayCounts { Parsed = 1, Readings = frame.ReadingCount },
        FrameOutcome.Parsed => new ReplayCounts { Unchanged = 1 },
        FrameOutcome.Held => new ReplayCounts { Held = 1 },
        _ => new ReplayCounts { Failed = 1 },
    };

    private async IAsyncEnumerable<JournalRecord> RecordsAsync(long after, long end, [EnumeratorCancellation] CancellationToken cancellation)
    {
        while (after < end)
        {
            await pace.TurnAsync(0, cancellation);
            var records = journal.Read(after, RecordsAtOnce);
            foreach (var record in records.TakeWhile(record => record.Sequence <= end))
            {
                yield return record;
            }

            var reached = records.Count > 0 ? Math.Min(records[^1].Sequence, end) : end;
            run.Looked(reached - after);
            after = reached;
        }
    }
}
