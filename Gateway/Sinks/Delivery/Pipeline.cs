namespace Gateway.Sinks;

/// <summary>
/// Delivers a batch to a server that answers each message by itself, without waiting for one answer before the next message is sent. It
/// sends in order and stops sending with the first failure; what was on its way by then is waited for. Of one batch.
/// </summary>
/// <param name="window">How many messages may be on their way.</param>
/// <param name="patience">How long the server may be silent.</param>
/// <param name="time">The clock.</param>
internal sealed class Pipeline(int window, TimeSpan patience, TimeProvider time)
{
    private readonly Queue<Task<Outcome>> _onTheWay = new();
    private readonly List<Outcome> _outcomes = [];

    // The first thing that went wrong.
    private string? _problem;

    /// <summary>Delivers all, or as much as goes.</summary>
    /// <param name="batch">The messages.</param>
    /// <param name="send">
    /// Completes when the message is behind the one before it on the way to the server; the task that it gives, when the server has answered.
    /// </param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<Delivery> RunAsync(
        IReadOnlyList<SinkMessage> batch, Func<SinkMessage, CancellationToken, ValueTask<Task<Outcome>>> send, CancellationToken cancellation)
    {
        using var silence = new CancellationTokenSource(patience, time);
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellation);
        foreach (var message in batch)
        {
            if (_onTheWay.Count >= window)
            {
                await SettleOldestAsync(silence);
            }

            if (_problem is not null)
            {
                break;
            }

            _onTheWay.Enqueue(await SendAsync(message, send, giveUp.Token));
        }

        while (_onTheWay.Count > 0)
        {
            await SettleOldestAsync(silence);
        }

        cancellation.ThrowIfCancellationRequested();
        return Result(batch);
    }

    private static async Task<Task<Outcome>> SendAsync(
        SinkMessage message, Func<SinkMessage, CancellationToken, ValueTask<Task<Outcome>>> send, CancellationToken giveUp)
    {
        try
        {
            return await send(message, giveUp);
        }
        catch (Exception exception)
        {
            return Task.FromException<Outcome>(exception);
        }
    }

    private async Task SettleOldestAsync(CancellationTokenSource silence)
    {
        var outcome = await OutcomeAsync(_onTheWay.Dequeue(), silence);
        if (!silence.IsCancellationRequested)
        {
            silence.CancelAfter(patience);
        }

        _outcomes.Add(outcome);
        if (outcome.Result is OutcomeResult.Again)
        {
            _problem ??= outcome.Reason;
        }
    }

    private async Task<Outcome> OutcomeAsync(Task<Outcome> answer, CancellationTokenSource silence)
    {
        try
        {
            return await answer;
        }
        catch (OperationCanceledException) when (silence.IsCancellationRequested)
        {
            return Outcome.Again($"the server did not answer within {patience.TotalSeconds:0.#} s");
        }
        catch (Exception exception)
        {
            return Outcome.Again(exception.Message);
        }
    }

    // What was taken behind a message that was not, of the same device, is tried again too: then the receiver has the last word in order.
    private Delivery Result(IReadOnlyList<SinkMessage> batch)
    {
        var (refused, again, held) = (new List<Refusal>(), new List<SinkMessage>(), new HashSet<string>(StringComparer.Ordinal));
        for (var i = 0; i < batch.Count; i++)
        {
            var outcome = i < _outcomes.Count ? _outcomes[i] : default;
            if (outcome.Result is OutcomeResult.Refused)
            {
                refused.Add(new Refusal(batch[i], outcome.Reason!));
            }
            else if (outcome.Result is OutcomeResult.Again || held.Contains(batch[i].DeviceId))
            {
                held.Add(batch[i].DeviceId);
                again.Add(batch[i]);
            }
        }

        return again.Count == 0 && refused.Count == 0 ? Delivery.AllTaken : new Delivery { Refused = refused, Again = again, Problem = _problem };
    }
}
