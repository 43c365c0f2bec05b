using Gateway.Sinks;
using Polly;

namespace Gateway.Intake;

/// <summary>One intake's walk through its broker's messages: one at a time, in order, each until it is settled.</summary>
internal sealed class IntakeLoop
{
    private readonly IIntakeSource _source;
    private readonly IntakeSettings _settings;
    private readonly CommandIntake _intake;
    private readonly TimeProvider _time;
    private readonly IntakeMetrics _metrics;
    private readonly ILogger _logger;
    private readonly ResiliencePipeline<Attempt> _retry;

    // Written by the loop, read by who asks for the status.
    private volatile Failure? _failure;

    // Of the loop.
    private CancellationToken _stopping;

    // Of the loop: the message that is worked on, when that began, and whether the connection has been told of.
    private IntakeMessage? _message;
    private long _began;
    private bool _connected;

    public IntakeLoop(IIntakeSource source, IntakeSettings settings, CommandIntake intake, TimeProvider time, Random chance, IntakeMetrics metrics, ILogger logger)
    {
        (_source, _settings, _intake, _time, _metrics, _logger) = (source, settings, intake, time, metrics, logger);
        _retry = SinkRetry.Create(settings.Retry.ForPolly, time, chance, () => !_stopping.IsCancellationRequested, Failed);
    }

    public IntakeStatus Status
    {
        get
        {
            var failure = _failure;
            return new IntakeStatus(_source.Name, _source.Type, failure?.Message, failure?.Since);
        }
    }

    /// <summary>Takes messages until stopped; the one that is being taken is brought to its end.</summary>
    /// <param name="stopping">Ends the waiting: for a connection, for a message, and for the next try.</param>
    /// <param name="deadline">Ends everything.</param>
    public async Task RunAsync(CancellationToken stopping, CancellationToken deadline)
    {
        _stopping = stopping;
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                await _retry.ExecuteAsync(async _ => await TryAsync(stopping, deadline), stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What is not settled comes again after the next start.
            _message = null;
        }

        await _source.DisconnectAsync();
    }

    private async Task<Attempt> TryAsync(CancellationToken stopping, CancellationToken deadline)
    {
        try
        {
            await ConnectAsync(stopping);
            if (_message is null)
            {
                _message = await _source.ReceiveAsync(stopping);
                _began = _time.GetTimestamp();
            }

            var answer = await TakeAsync(_message, deadline);
            if (answer.Outcome is IntakeOutcome.Later)
            {
                return new Attempt(answer.Problem);
            }

            await _source.SettleAsync(answer, deadline);
            Settled(_message, answer);
            return Attempt.Done;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !stopping.IsCancellationRequested)
        {
            (_message, _connected) = (null, false);
            await _source.DisconnectAsync();
            return new Attempt(exception.Message, Exception: exception);
        }
    }

    private async Task ConnectAsync(CancellationToken stopping)
    {
        if (_message is not null && !await _source.HoldAsync(stopping))
        {
            (_message, _connected) = (null, false);
        }

        await _source.ConnectAsync(stopping);
        if (!_connected)
        {
            _connected = true;
            _logger.Connected(_source.Name, _source.Type);
        }

        // A message that waits still has its reason.
        if (_message is null)
        {
            Succeeded();
        }
    }

    private Task<IntakeAnswer> TakeAsync(IntakeMessage message, CancellationToken deadline) => _intake.TakeAsync(
        _source.Name, message, _time.GetElapsedTime(_began) < TimeSpan.FromSeconds(_settings.ScriptWaitSeconds), deadline);

    private void Settled(IntakeMessage message, IntakeAnswer answer)
    {
        _message = null;
        _metrics.Settled(_source.Name, answer.Outcome);
        Succeeded();
        if (answer.Outcome is IntakeOutcome.DeadLetter)
        {
            _logger.GaveUp(_source.Name, _source.Type, message.Place, answer.Problem!);
        }
        else if (answer.Outcome is IntakeOutcome.Ignored)
        {
            _logger.PassedOver(_source.Name, _source.Type, message.Place);
        }
    }

    private void Succeeded()
    {
        if (_failure is not null)
        {
            _failure = null;
            _logger.Recovered(_source.Name, _source.Type);
        }
    }

    private void Failed(Attempt attempt, TimeSpan wait)
    {
        _failure = new Failure(attempt.Problem!, _failure?.Since ?? _time.GetUtcNow());
        _metrics.Failed(_source.Name);
        _logger.Failed(_source.Name, _source.Type, wait, attempt.Problem!, attempt.Exception);
    }

    private sealed record Failure(string Message, DateTimeOffset Since);
}
