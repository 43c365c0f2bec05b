using Gateway.Devices;
using Gateway.Journal;

namespace Gateway.Commands;

/// <summary>Hands commands to devices that speak: each message may confirm some, and its answer may carry the next.</summary>
internal sealed class CommandDelivery(
    CommandIndex index, CommandFollower follower, CommandLedger ledger, DeviceTurns turns, CommandScripts scripts, ProfileCatalog profiles,
    TimeProvider time, CommandMetrics metrics, ILogger<CommandDelivery> log) : IAsyncDisposable
{
    private static readonly TimeSpan NoProfileTimeout = TimeSpan.FromSeconds(new ProfileSettings().ConfirmTimeoutSeconds);

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
            var plan = new DeliveryPlan(message, index.Of(device, DeliveryPlan.MaxSeen, now), scripts, TimeoutOf, now);
            await plan.MakeAsync(cancellation);
            if (plan.Steps.Count == 0)
            {
                return (null, plan.Verdict);
            }

            var exchange = new CommandExchange(plan.Steps, plan.Payload, message.Request.RequestId, turn, follower.Begin());
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

    /// <summary>The device has been told to come back, and the commit is still under way: whatever becomes of it, its answer carries nothing.</summary>
    public void SettleLater(CommandExchange exchange, Task<long> append)
    {
        lock (_late)
        {
            exchange.HandOver();
            var settling = SettleAsync(exchange, append);
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

    private async Task SettleAsync(CommandExchange exchange, Task<long> append)
    {
        await Task.Yield();
        try
        {
            // The frame's own record comes first.
            var taken = ledger.Took(exchange.Steps, await append + 1);
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

    private TimeSpan TimeoutOf(QueuedCommand command) =>
        profiles.Find(command.Profile) is { } profile ? TimeSpan.FromSeconds(profile.ConfirmTimeoutSeconds) : NoProfileTimeout;
}

/// <summary>A device's message and its commands: what happens if it can be made durable. It holds the device's turn until it is disposed.</summary>
internal sealed class CommandExchange(
    IReadOnlyList<CommandStepTaken> steps, ReadOnlyMemory<byte>? payload, string requestId, IDisposable turn, IDisposable underWay) : IDisposable
{
    private bool _isHandedOver;

    public IReadOnlyList<CommandStepTaken> Steps => steps;

    /// <summary>What the answer carries; null when it carries no command.</summary>
    public ReadOnlyMemory<byte>? Payload => payload;

    /// <summary>The request ids of the commands that the answer carries, for people.</summary>
    public string Sent => string.Join(", ", steps.Where(step => step.After.State is CommandState.Sent).Select(step => step.After.RequestId));

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
