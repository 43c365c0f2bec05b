using Gateway.Journal;
using Polly;

namespace Gateway.Sinks;

/// <summary>One sink's walk through the journal: in order, at its own pace, each batch until it is done with.</summary>
internal sealed class SinkLoop
{
    private readonly ISink _sink;
    private readonly SinkSettings _settings;
    private readonly IJournal _journal;
    private readonly TimeProvider _time;
    private readonly SinkMetrics _metrics;
    private readonly ExchangeTraces _traces;
    private readonly ILogger _logger;
    private readonly string _cursorName;
    private readonly SinkReader _reader;
    private readonly DeadLetterFile _deadLetters;
    private readonly SinkPause _pause;
    private readonly ResiliencePipeline<Attempt> _retry;

    // Written by the loop, read by who asks for the status.
    private volatile Failure? _failure;
    private long _delivered;
    private long _refused;

    // Set once, by who ends the loop.
    private volatile bool _endsWithBatch;

    // Set by who asks for a replay of the dead letters, taken by the loop.
    private volatile TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Written by the loop, read by who asks.
    private volatile DeadLetterReplay? _replay;

    // Of the loop.
    private CancellationToken _stopping;
    private SinkBatch? _batch;
    private bool _lettersHadTheirTurn;
    private long? _deliveredAt;

    public SinkLoop(ConfiguredSink configured, IJournal journal, TimeProvider time, Random chance, SinkMetrics metrics, ExchangeTraces traces, ILogger logger)
    {
        (_sink, _settings, _journal, _time, _metrics, _traces, _logger) = (configured.Sink, configured.Settings, journal, time, metrics, traces, logger);
        _cursorName = CursorNameOf(_sink.Name);
        _reader = new SinkReader(journal, _cursorName, new SinkFilter(_settings.Filter), configured.Format, _settings.MaxBatch, _sink.TakesLines);
        _deadLetters = new DeadLetterFile(
            Path.Combine(_settings.DeadLetters.Path, _sink.Name + ".ndjson"), _settings.DeadLetters.MaxMegabytes * 1024L * 1024, time);
        _pause = new SinkPause(Path.Combine(_settings.DeadLetters.Path, _sink.Name + ".paused"), time);
        _retry = SinkRetry.Create(_settings.Retry, time, chance, () => !_stopping.IsCancellationRequested, Failed);
    }

    public SinkStatus Status
    {
        get
        {
            var failure = _failure;
            return new SinkStatus(_sink.Name, _sink.Type, Cursor, Lag, failure?.Message, failure?.Since)
            {
                Delivered = Interlocked.Read(ref _delivered),
                Refused = Interlocked.Read(ref _refused),
                DeadLetters = _deadLetters.Count,
                IsReplaying = IsReplaying,
                PausedSince = _pause.Since,
            };
        }
    }

    private bool IsReplaying => _replay is not null || _asked.Task.IsCompleted;

    private long Cursor => _journal.Cursor(_cursorName);

    private long Lag => Math.Max(_journal.LastSequence - Cursor, 0);

    public static string CursorNameOf(string sink) => "sink/" + sink;

    /// <summary>After this the stop does not wait for what is in the journal, but only for the batch that is under way.</summary>
    public void EndWithBatch() => _endsWithBatch = true;

    /// <summary>After this nothing is delivered but the batch that is under way, until it is resumed.</summary>
    public void Pause() => _pause.Begin();

    public void Resume() => _pause.End();

    /// <summary>Offers the dead letters to the sink again, by turns with what is in the journal; false when that is under way already.</summary>
    public bool TryReplayDeadLetters() => _replay is null && _asked.TrySetResult();

    /// <summary>Delivers until stopped, then what is there still.</summary>
    /// <param name="stopping">Ends the waiting for more, and for the next try.</param>
    /// <param name="deadline">Ends everything.</param>
    public async Task RunAsync(CancellationToken stopping, CancellationToken deadline)
    {
        _stopping = stopping;
        if (_settings.Start is SinkStart.Newest && Cursor == 0)
        {
            _journal.Advance(_cursorName, _journal.LastSequence);
        }

        _logger.Started(_sink.Name, _sink.Type, Cursor, Lag);
        while (!_endsWithBatch && !(_pause.Since is not null && stopping.IsCancellationRequested) && await HasWorkAsync(stopping) && await DeliverAsync(stopping, deadline))
        {
            _deliveredAt = _time.GetTimestamp();
            Succeeded();
        }

        if (Lag > 0 && !_endsWithBatch)
        {
            _logger.StoppedBehind(_sink.Name, _sink.Type, Lag);
        }
    }

    /// <summary>Waits until there is something to deliver; false when there will be nothing more.</summary>
    private async Task<bool> HasWorkAsync(CancellationToken stopping)
    {
        await Task.WhenAny(_journal.WaitForRecordsAsync(Cursor, stopping), IsReplaying ? Task.CompletedTask : _asked.Task);
        await GatherAsync(stopping);
        return Lag > 0 || (IsReplaying && !stopping.IsCancellationRequested);
    }

    // A sink for which a batch is dear waits a little for a larger one, unless it is as large as it gets.
    private async Task GatherAsync(CancellationToken stopping)
    {
        if (_deliveredAt is { } at && _settings.Gathers - _time.GetElapsedTime(at) is { Ticks: > 0 } wait && Lag < SinkReader.MaxRecords)
        {
            await Task.Delay(wait, _time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The journal's next batch; or, by turns with it, the next of the dead letters that are offered again.</summary>
    private SinkBatch NextBatch()
    {
        if (_replay is null && _asked.Task.IsCompleted)
        {
            _replay = _deadLetters.BeginReplay();
            _asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        var letters = _replay is not null && !_stopping.IsCancellationRequested && !(_lettersHadTheirTurn && Lag > 0);
        _lettersHadTheirTurn = letters;
        if (!letters)
        {
            return _reader.Next();
        }

        if (_replay!.Next(_settings.MaxBatch) is { } batch)
        {
            return new SinkBatch(batch.Messages, Cursor) { Letters = batch };
        }

        _replay = null;
        _logger.DeadLettersReplayed(_sink.Name, _sink.Type, _deadLetters.Count);
        return _reader.Next();
    }

    /// <summary>Brings the next batch to its end, however often that must be tried; false when the loop is to end.</summary>
    private async Task<bool> DeliverAsync(CancellationToken stopping, CancellationToken deadline)
    {
        _batch = null;
        try
        {
            // Once stopped there are no further tries, and what goes well goes on until the deadline.
            var last = await _retry.ExecuteAsync(async _ => await TryAsync(deadline), stopping.IsCancellationRequested ? deadline : stopping);
            if (last.Failed)
            {
                Failed(last, TimeSpan.Zero);
            }

            return !last.Failed;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The stop came while it waited for the next try; or before the first one, and then there is time for that.
            return _batch is null && _failure is null && !deadline.IsCancellationRequested;
        }
    }

    private async Task<Attempt> TryAsync(CancellationToken deadline)
    {
        await _pause.PassAsync(_stopping);
        try
        {
            _batch ??= NextBatch();
            var attempt = await WriteAsync(_batch, deadline);
            return Settle(_batch, attempt);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !deadline.IsCancellationRequested)
        {
            var attempt = new Attempt(exception.Message, Exception: exception);
            return _batch is null ? attempt : Settle(_batch, attempt);
        }
    }

    private async Task<Attempt> WriteAsync(SinkBatch batch, CancellationToken deadline)
    {
        // Nothing of these records is for this sink; or only dead letters are left, which the disk did not take.
        if (batch.Messages.Count == 0)
        {
            return Attempt.Done;
        }

        // A sink that does not listen to its token must not hold up the stop.
        var (messages, began) = (batch.Messages, _time.GetUtcNow());
        var delivery = await _sink.WriteAsync(messages, deadline).WaitAsync(deadline);
        var taken = batch.Settle(delivery);
        _traces.Delivered(_sink.Name, messages.Select(message => message.Id.Sequence), began, delivery.Problem);
        Interlocked.Add(ref _delivered, taken);
        _metrics.Delivered(_sink.Name, taken);
        return delivery.Again.Count == 0 ? Attempt.Done : new Attempt(delivery.Problem ?? "the other side did not say why", delivery.RetryAfter);
    }

    /// <summary>Keeps what is refused, and moves the cursor when nothing is left.</summary>
    private Attempt Settle(SinkBatch batch, Attempt attempt)
    {
        if (attempt.Failed && ++batch.Failures >= _settings.Retry.MaxAttempts && _settings.Retry.MaxAttempts > 0)
        {
            batch.Settle(Delivery.Refuse(batch.Messages, $"given up after {batch.Failures} tries: {attempt.Problem}"));
            attempt = Attempt.Done;
        }

        try
        {
            KeepDeadLetters(batch);
            if (!attempt.Failed && batch.Letters is { } letters)
            {
                _deadLetters.Settled(_replay!, letters);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new Attempt($"the dead letters can't be kept: {exception.Message}", Exception: exception);
        }

        if (!attempt.Failed)
        {
            _journal.Advance(_cursorName, batch.End);
        }

        return attempt;
    }

    private void KeepDeadLetters(SinkBatch batch)
    {
        if (batch.Refused.Count == 0)
        {
            return;
        }

        var dropped = _deadLetters.Add(batch.Refused);
        Interlocked.Add(ref _refused, batch.Refused.Count);
        _metrics.Refused(_sink.Name, batch.Refused.Count);
        _logger.Refused(_sink.Name, _sink.Type, batch.Refused.Count, batch.Refused[0].Message.Id.ToString(), batch.Refused[0].Reason);
        if (dropped > 0)
        {
            _logger.DeadLettersDropped(_sink.Name, _sink.Type, dropped, _settings.DeadLetters.MaxMegabytes);
        }

        batch.DeadLettersAreSafe();
    }

    private void Succeeded()
    {
        if (_failure is not null)
        {
            _failure = null;
            _logger.Recovered(_sink.Name, _sink.Type, Lag);
        }
    }

    private void Failed(Attempt attempt, TimeSpan wait)
    {
        _failure = new Failure(attempt.Problem!, _failure?.Since ?? _time.GetUtcNow());
        _metrics.Failed(_sink.Name);
        _logger.Failed(_sink.Name, _sink.Type, Cursor, wait, attempt.Problem!, attempt.Exception);
    }

    private sealed record Failure(string Message, DateTimeOffset Since);
}
