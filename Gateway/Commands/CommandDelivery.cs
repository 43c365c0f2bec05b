using Gateway.Devices;
using Gateway.Journal;

namespace Gateway.Commands;

/// <summary>Hands commands to devices that speak: each message may confirm some, and its answer may carry the next.</summary>
internal sealed class CommandDelivery(
    CommandIndex index, CommandFollower follower, CommandLedger ledger, DeviceTurns turns, CommandScripts scripts, ProfileCatalog profiles,
    PushesUnderWay underWay, TimeProvider time, CommandMetrics metrics, ILogger<CommandDelivery> log) : IAsyncDisposable
{
    // Exchanges whose commit took too long for their devices. Under its own lock.
    private readonly HashSet<Task> _late = [];

    /// <summary>Whether there is anything for the device to do or to confirm. Costs one look-up, and takes no lock.</summary>
    public bool HasAny(DeviceId device) => index.HasAny(device);

    /// <summary>
    /// What a message means for its device's commands, null when it means nothing, and why its answer carries what it does. Until the exchange
    /// is disposed, the device's next message waits.
    /// </summary>
    public async Task<(CommandExchange? Exchange, CommandVerdict Verdict)> BeginAsync(DeviceId device, CommandMessage message, CancellationToken cancellation)
    {
        var turn = await turns.TakeAsync(device, cancellation);
        try
        {
            var now = Clock.Now(time);
            var plan = new DeliveryPlan(message with { UnderWay = underWay.Find(device) }, index.Of(device, DeliveryPlan.MaxSeen, now), scripts, TimeoutOf, now);
            await plan.MakeAsync(cancellation);
            if (plan.WaitsForRoom is { } waiting)
            {
                log.WaitsForRoom(waiting.RequestId, device, message.Request.Peer);
            }

            if (plan.Steps.Count == 0 && plan.Payload is null)
            {
                return (null, plan.Verdict);
            }

            var exchange = new CommandExchange(plan.Steps, plan.Payload, plan.Carried, message.Request.RequestId, turn, follower.Begin());
            turn = null;
            return (exchange, plan.Verdict);
        }
        finally
        {
            turn?.Dispose();
        }
    }

    /// <summary>The frame and the steps are on disk, the first step as this record: only now they have happened.</summary>
    public void Took(CommandExchange exchange, long first)
    {
        foreach (var command in ledger.Took(exchange.Steps, first))
        {
            if (command.State is CommandState.Sent)
            {
                metrics.Sent(command);
            }
        }
    }

    /// <summary>Of a message that is not kept itself: its steps are on disk when this completes.</summary>
    /// <exception cref="TimeoutException">That takes too long: the device is to be told to come back.</exception>
    /// <exception cref="JournalUnavailableException">They are not known to be on disk.</exception>
    public async Task KeepAsync(CommandExchange exchange, IJournal journal, TimeSpan limit, CancellationToken cancellation)
    {
        if (exchange.Steps.Count == 0)
        {
            return;
        }

        var written = journal.AppendAsync([.. exchange.Records], CancellationToken.None).AsTask();
        try
        {
            Took(exchange, await written.WaitAsync(limit, time, cancellation));
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            SettleLater(exchange, written, before: 0);
            throw;
        }
    }

    /// <summary>The device has been told to come back, and the commit is still under way: whatever becomes of it, its answer carries nothing.</summary>
    /// <param name="exchange">The exchange.</param>
    /// <param name="append">The commit.</param>
    /// <param name="before">How many records of it stand before the steps.</param>
    public void SettleLater(CommandExchange exchange, Task<long> append, int before)
    {
        lock (_late)
        {
            exchange.HandOver();
            var settling = SettleAsync(exchange, append, before);
            _late.Add(settling);
            settling.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task[] late;
        lock (_late)
        {
            late = [.. _late];
        }

        await Task.WhenAll(late);
    }

    private async Task SettleAsync(CommandExchange exchange, Task<long> append, int before)
    {
        await Task.Yield();
        try
        {
            var taken = ledger.Took(exchange.Steps, await append + before);
            CommandStepTaken[] back = [.. from command in taken
                                          where command.State is CommandState.Sent
                                          select new CommandStepTaken(command, command.Step(CommandState.Queued, Clock.Now(time), CommandReasons.NotGiven))];
            if (back.Length > 0)
            {
                await ledger.AppendAsync(back);
            }
        }
        catch (JournalUnavailableException e)
        {
            log.NotSettled(exchange.RequestId, e);
        }
        finally
        {
            exchange.End();
        }
    }

    private void Forget(Task settled)
    {
        lock (_late)
        {
            _late.Remove(settled);
        }
    }

    private TimeSpan TimeoutOf(QueuedCommand command) => profiles.ConfirmTimeoutOf(command.Profile);
}

/// <summary>A device's message and its commands: what happens if it can be made durable. It holds the device's turn until it is disposed.</summary>
internal sealed class CommandExchange(
    IReadOnlyList<CommandStepTaken> steps, ReadOnlyMemory<byte>? payload, string sent, string requestId, IDisposable turn, IDisposable underWay) : IDisposable
{
    private bool _isHandedOver;

    public IReadOnlyList<CommandStepTaken> Steps => steps;

    /// <summary>What the answer carries; null when it carries no command.</summary>
    public ReadOnlyMemory<byte>? Payload => payload;

    /// <summary>The request ids of the commands that the answer carries, for people.</summary>
    public string Sent => sent;

    /// <summary>The gateway's id of the exchange.</summary>
    public string RequestId => requestId;

    /// <summary>The steps, to be appended with the message's own record, behind it.</summary>
    public IEnumerable<JournalRecord> Records => steps.Select(step => step.ToRecord(requestId));

    /// <summary>Somebody else ends it.</summary>
    public void HandOver() => _isHandedOver = true;

    /// <summary>The next message may come.</summary>
    public void End()
    {
        underWay.Dispose();
        turn.Dispose();
    }

    public void Dispose()
    {
        if (!_isHandedOver)
        {
            End();
        }
    }
}
