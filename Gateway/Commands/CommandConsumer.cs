using System.Text.Json;
using Gateway.Devices;
using Gateway.Scripting.Contract;

namespace Gateway.Commands;

/// <summary>Takes commands in, keeps them for their devices, and hands the next one out when its device listens.</summary>
internal sealed class CommandConsumer(
    CommandQueue queue,
    ICommandStore store,
    DeviceDirectory devices,
    CommandRegistry registry,
    CommandSettings settings,
    TimeProvider time,
    CommandMetrics metrics,
    ILogger<CommandConsumer> log) : IDisposable
{
    // Taking in is rare and may be slow; one at a time keeps the request ids, the limit per device and the order right.
    private readonly SemaphoreSlim _intake = new(1, 1);
    private long _lastOrder;

    /// <summary>Fills the queue from the store. Once, before the first frame.</summary>
    public async Task LoadAsync(CancellationToken cancellation)
    {
        _lastOrder = await store.LastOrderAsync(cancellation);
        var live = await store.LoadLiveAsync(cancellation);
        foreach (var command in live)
        {
            queue.Add(command);
        }

        log.Loaded(queue.WaitingInAll);
    }

    /// <summary>Takes a command in: checked, tried dry by the device's script, and on disk when this completes.</summary>
    public async Task<SubmitResult> SubmitAsync(CommandDocument document, CancellationToken cancellation)
    {
        var problems = document.Problems(time.GetUtcNow()).ToArray();
        if (problems.Length > 0)
        {
            return new SubmitResult(SubmitOutcome.Invalid, null, problems);
        }

        var command = document.ToCommand(document.RequestId ?? Guid.CreateVersion7(time.GetUtcNow()).ToString("N"));
        await _intake.WaitAsync(cancellation);
        try
        {
            return await RepeatedAsync(command, cancellation) ?? await QueueAsync(command, cancellation);
        }
        finally
        {
            _intake.Release();
        }
    }

    public ValueTask<QueuedCommand?> FindAsync(string requestId, CancellationToken cancellation) => store.FindAsync(requestId, cancellation);

    public ValueTask<IReadOnlyList<QueuedCommand>> ListAsync(DeviceId device, int limit, CancellationToken cancellation) =>
        store.ListAsync(device, limit, cancellation);

    /// <summary>Takes a command back; null when there is none. One that has left the queue stays as it is.</summary>
    public async Task<QueuedCommand?> CancelAsync(string requestId, CancellationToken cancellation)
    {
        if (await store.FindAsync(requestId, cancellation) is not { } known || queue.TakeQueued(known.Device, requestId) is not { } waiting)
        {
            return await store.FindAsync(requestId, cancellation);
        }

        return await EndAsync(waiting, CommandState.Cancelled, "cancelled by the caller", cancellation);
    }

    /// <summary>
    /// The next command for the device, encoded now, for the answer to this request; null when none is waiting. That it was sent is on disk
    /// before this completes. A command that has expired or cannot be encoded ends, and the next one is tried.
    /// </summary>
    public async ValueTask<OutgoingCommand?> GetFormattedCommandAsync(Device device, UplinkRequest request, CancellationToken cancellation)
    {
        while (queue.TakeNext(device.Id) is { } next)
        {
            if (next.IsExpired(time.GetUtcNow()))
            {
                await EndAsync(next, CommandState.Expired, "its time ran out before the device could be reached", cancellation);
                continue;
            }

            var formatted = await FormatOrPutBackAsync(next, device, request, cancellation);
            if (formatted.Bytes is not { } bytes)
            {
                await EndAsync(next, CommandState.Failed, formatted.Problem!, cancellation);
                continue;
            }

            var sent = await SaveOrPutBackAsync(next, next.Step(CommandState.Sent, Now()), cancellation);
            queue.Add(sent);
            return new OutgoingCommand(sent.RequestId, bytes);
        }

        return null;
    }

    /// <summary>The device has spoken again: what was sent to it before counts as delivered.</summary>
    public async ValueTask AcknowledgeCommandsAsync(DeviceId device, CancellationToken cancellation)
    {
        if (!queue.HasAny(device) || queue.TakeSent(device) is not { Count: > 0 } sent)
        {
            return;
        }

        var now = Now();
        QueuedCommand[] delivered = [.. sent.Select(command => command.Step(CommandState.Delivered, now))];
        try
        {
            await store.SaveAsync(delivered, cancellation);
        }
        catch
        {
            PutBack(sent);
            throw;
        }

        foreach (var command in delivered)
        {
            metrics.Delivered(now - command.CreatedAt);
            Log(command);
        }
    }

    /// <summary>Ends what has expired, and forgets what ended long ago.</summary>
    public async Task SweepAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        foreach (var expired in queue.TakeExpired(now))
        {
            await EndAsync(expired, CommandState.Expired, "its time ran out before the device could be reached", cancellation);
        }

        await store.DeleteEndedAsync(now - TimeSpan.FromDays(settings.KeepDays), cancellation);
    }

    public void Dispose() => _intake.Dispose();

    // To the millisecond, as LiteDB keeps it: so a command is told the same before and after a restart.
    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    private async Task<SubmitResult?> RepeatedAsync(Command command, CancellationToken cancellation)
    {
        if (await store.FindAsync(command.RequestId, cancellation) is not { } before)
        {
            return null;
        }

        return IsSame(before.Command, command)
            ? new SubmitResult(SubmitOutcome.Repeated, before, [])
            : SubmitResult.Refused(SubmitOutcome.Conflict, "request_id", $"another command was handed in as {command.RequestId} before; take another request_id, or leave it out");
    }

    private async Task<SubmitResult> QueueAsync(Command command, CancellationToken cancellation)
    {
        var id = DeviceId.Parse(command.DeviceId);
        if (await devices.FindAsync(id, cancellation) is not { } device)
        {
            return SubmitResult.Refused(SubmitOutcome.UnknownDevice, "device_id", $"device {id} is not known; register it with POST /api/v1/devices, or wait until it has spoken");
        }

        if (queue.Waiting(id) >= settings.MaxQueuedPerDevice)
        {
            return SubmitResult.Refused(SubmitOutcome.QueueFull, "device_id", $"{settings.MaxQueuedPerDevice} commands wait for device {id} already, as many as commands.max_queued_per_device allows");
        }

        var tried = await registry.FormatCommandAsync(command, device, request: null, cancellation);
        if (tried.Bytes is null)
        {
            return SubmitResult.Refused(SubmitOutcome.Invalid, "payload", tried.Problem!);
        }

        var now = Now();
        var queued = new QueuedCommand { Command = command, Device = id, Order = ++_lastOrder, CreatedAt = now, UpdatedAt = now };
        await store.SaveAsync([queued], cancellation);
        queue.Add(queued);
        Log(queued);
        return new SubmitResult(SubmitOutcome.Queued, queued, []);
    }

    private async Task<FormatResult> FormatOrPutBackAsync(QueuedCommand command, Device device, UplinkRequest request, CancellationToken cancellation)
    {
        try
        {
            return await registry.FormatCommandAsync(command.Command, device, request, cancellation);
        }
        catch
        {
            PutBack([command]);
            throw;
        }
    }

    private async Task<QueuedCommand> EndAsync(QueuedCommand command, CommandState state, string reason, CancellationToken cancellation) =>
        await SaveOrPutBackAsync(command, command.Step(state, Now(), reason), cancellation);

    // What is not on disk has not happened: if the step can't be saved, the command waits as before.
    private async Task<QueuedCommand> SaveOrPutBackAsync(QueuedCommand before, QueuedCommand after, CancellationToken cancellation)
    {
        try
        {
            await store.SaveAsync([after], cancellation);
        }
        catch
        {
            PutBack([before]);
            throw;
        }

        Log(after);
        return after;
    }

    private void PutBack(IEnumerable<QueuedCommand> commands)
    {
        foreach (var command in commands)
        {
            queue.Add(command);
        }
    }

    private void Log(QueuedCommand command) =>
        log.Stepped(command.RequestId, command.Command.CommandType, command.Device, command.State.Name(), command.Reason is { } reason ? $": {reason}" : "");

    private static bool IsSame(Command left, Command right) =>
        left.DeviceId == right.DeviceId && left.CommandType == right.CommandType && left.ParserScriptRef == right.ParserScriptRef
        && left.Priority == right.Priority && left.ExpiresAt == right.ExpiresAt && JsonElement.DeepEquals(left.Payload, right.Payload)
        && left.Metadata.Count == right.Metadata.Count && !left.Metadata.Except(right.Metadata).Any();
}

/// <summary>A command on its way into an answer.</summary>
/// <param name="RequestId">The command's id.</param>
/// <param name="Bytes">The command as its device understands it.</param>
internal sealed record OutgoingCommand(string RequestId, byte[] Bytes);
