using Gateway.Journal;

namespace Gateway.Sinks;

/// <summary>One sink's walk through the journal: in order, at its own pace, each batch until it is taken.</summary>
internal sealed class SinkLoop(
    ISink sink, IJournal journal, BackOff backOff, TimeProvider time, SinkMetrics metrics, ILogger logger)
{
    private const int MaxBatch = 500;

    private readonly string _cursorName = CursorNameOf(sink.Name);
    private volatile Failure? _failure;

    public SinkStatus Status
    {
        get
        {
            var (cursor, failure) = (Cursor, _failure);
            return new SinkStatus(sink.Name, sink.Type, cursor, Math.Max(journal.LastSequence - cursor, 0), failure?.Message, failure?.Since);
        }
    }

    private long Cursor => journal.Cursor(_cursorName);

    public static string CursorNameOf(string sink) => "sink/" + sink;

    /// <summary>Delivers until stopped, then what is there still.</summary>
    /// <param name="stopping">Ends the waiting for more.</param>
    /// <param name="deadline">Ends everything.</param>
    public async Task RunAsync(CancellationToken stopping, CancellationToken deadline)
    {
        logger.Started(sink.Name, sink.Type, Cursor, Status.Lag);
        while (await IsBehindAsync(stopping))
        {
            try
            {
                await DeliverAsync(deadline);
            }
            catch (OperationCanceledException) when (deadline.IsCancellationRequested)
            {
                break;
            }
            catch (Exception failure)
            {
                if (!await FailedAsync(failure, stopping))
                {
                    break;
                }
            }
        }

        if (Status.Lag > 0)
        {
            logger.StoppedBehind(sink.Name, sink.Type, Status.Lag);
        }
    }

    /// <summary>Waits until there is something to deliver; false when there will be nothing more.</summary>
    private async Task<bool> IsBehindAsync(CancellationToken stopping)
    {
        await journal.WaitForRecordsAsync(Cursor, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Status.Lag > 0;
    }

    private async Task DeliverAsync(CancellationToken deadline)
    {
        // The end first: if nothing up to there can be read any more, there is nothing up to there to deliver.
        var end = journal.LastSequence;
        var records = journal.Read(Cursor, MaxBatch);
        var batch = records.Where(record => record.ReadingCount > 0).ToList();
        if (batch.Count > 0)
        {
            // A sink that does not listen to its token must not hold up the stop.
            await sink.WriteAsync(batch, deadline).WaitAsync(deadline);
            metrics.Delivered(sink.Name, batch.Sum(record => (long)record.ReadingCount));
        }

        journal.Advance(_cursorName, records.Count > 0 ? records[^1].Sequence : end);
        Succeeded();
    }

    private void Succeeded()
    {
        backOff.Reset();
        if (_failure is not null)
        {
            _failure = null;
            logger.Recovered(sink.Name, sink.Type, Status.Lag);
        }
    }

    /// <summary>Waits before the next try; false when there is to be none.</summary>
    private async Task<bool> FailedAsync(Exception failure, CancellationToken stopping)
    {
        var wait = backOff.Next();
        _failure = new Failure(failure.Message, _failure?.Since ?? time.GetUtcNow());
        metrics.Failed(sink.Name);
        logger.Failed(sink.Name, sink.Type, Cursor, wait, failure);
        await backOff.WaitAsync(wait, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !stopping.IsCancellationRequested;
    }

    private sealed record Failure(string Message, DateTimeOffset Since);
}
