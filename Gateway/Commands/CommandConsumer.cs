using Gateway.Devices;
using Gateway.Journal;

namespace Gateway.Commands;

/// <summary>Takes commands in, whichever way they come, and tells what has become of them.</summary>
internal sealed class CommandConsumer(
    CommandIndex index,
    CommandFollower follower,
    CommandLedger ledger,
    DeviceTurns turns,
    ICommandStore store,
    DeviceDirectory devices,
    CommandRegistry registry,
    ProfileCatalog profiles,
    CommandSettings settings,
    CommandMetrics metrics,
    TimeProvider time)
{
    // Beyond this the store is too far behind: what is not written yet has to be kept in memory.
    private const int MaxLag = 200_000;

    // A run that goes on after a crash hands its last commands in again, and must find what has become of them.
    private static readonly TimeSpan LeastKept = TimeSpan.FromHours(1);

    private static readonly TimeSpan PatienceWithStore = TimeSpan.FromSeconds(2);

    private volatile CommandSettings _settings = settings;

    // Two of one request id at the same time: the second has to see what became of the first.
    private readonly KeyedTurns _requests = new();

    /// <summary>From now on these are the limits. What waits already stays.</summary>
    public void Use(CommandSettings settings) => _settings = settings;

    /// <summary>Takes a command in, as it came: UTF-8, from whoever.</summary>
    public Task<SubmitResult> SubmitAsync(ReadOnlyMemory<byte> json, CancellationToken cancellation) =>
        CommandRequest.Read(json.Span, out var problem) is { } request
            ? SubmitAsync(request, cancellation)
            : Task.FromResult(new SubmitResult(SubmitOutcome.Malformed, null, [problem!]));

    /// <summary>Takes a command in: checked, tried dry by the device's script, and on disk when this completes.</summary>
    /// <param name="request">The command.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="runId">The run that it belongs to; null for none.</param>
    public async Task<SubmitResult> SubmitAsync(CommandRequest request, CancellationToken cancellation, string? runId = null)
    {
        var result = await JudgeAsync(request, runId, cancellation);
        metrics.Submitted(result.Outcome);
        return result;
    }

    private async Task<SubmitResult> JudgeAsync(CommandRequest request, string? runId, CancellationToken cancellation)
    {
        var problems = request.Problems(time.GetUtcNow()).ToArray();
        if (problems.Length > 0)
        {
            return new SubmitResult(SubmitOutcome.Invalid, null, problems);
        }

        if (request.RequestId is null)
        {
            // Nobody can have used it before.
            return await TakeAsync(request with { RequestId = Guid.CreateVersion7(time.GetUtcNow()).ToString("N") }, runId, cancellation);
        }

        using var turn = await _requests.TakeAsync(request.RequestId, cancellation);
        return await FindAsync(request.RequestId, cancellation) is { } before ? Repeated(before, request) : await TakeAsync(request, runId, cancellation);
    }

    /// <summary>A command, as it is now; null when there is none, or it ended so long ago that it is forgotten.</summary>
    public async ValueTask<QueuedCommand?> FindAsync(string requestId, CancellationToken cancellation) =>
        Present(requestId) ?? await store.FindAsync(requestId, cancellation);

    /// <summary>A page of commands, the newest first. Commands of the last moment may be missing where the store can't keep up.</summary>
    public async ValueTask<CommandPage> ListAsync(CommandQuery query, CancellationToken cancellation)
    {
        await follower.CaughtUpAsync(PatienceWithStore, cancellation);
        var page = await store.ListAsync(query, cancellation);
        return page with { Commands = [.. page.Commands.Select(command => Present(command.RequestId) ?? command).Where(command => query.State is null || command.State == query.State)] };
    }

    /// <summary>Takes a command back; null when there is none. One that has left the queue stays as it is.</summary>
    /// <exception cref="JournalUnavailableException">That can't be made durable now.</exception>
    public async Task<QueuedCommand?> CancelAsync(string requestId, CancellationToken cancellation)
    {
        if (await FindAsync(requestId, cancellation) is not { } known)
        {
            return null;
        }

        using var turn = await turns.TakeAsync(known.Device, cancellation);
        if (index.Find(requestId) is not { State: CommandState.Queued } waiting)
        {
            return await FindAsync(requestId, cancellation);
        }

        var reason = waiting.Attempts == 0 ? "cancelled by the caller" : $"cancelled by the caller, after it had been sent {waiting.Attempts} times without evidence";
        return (await ledger.AppendAsync([new(waiting, waiting.Step(CommandState.Cancelled, Clock.Now(time), reason))]))[0];
    }

    /// <summary>Ends what has expired, and forgets what ended long ago.</summary>
    public async Task SweepAsync(CancellationToken cancellation)
    {
        const int Most = 1000;
        var isDurable = true;
        while (isDurable && index.TakeExpired(time.GetUtcNow(), Most) is { Count: > 0 } expired)
        {
            isDurable = !(await Task.WhenAll(expired.Select(command => ExpireAsync(command, cancellation)))).Contains(false);
        }

        var kept = TimeSpan.FromDays(_settings.KeepDays);
        await store.ForgetEndedAsync(time.GetUtcNow() - (kept > LeastKept ? kept : LeastKept), Most, cancellation);
    }

    // False when that can't be made durable now: the journal tells of it, and it is tried again with the next sweep.
    private async Task<bool> ExpireAsync(QueuedCommand expired, CancellationToken cancellation)
    {
        try
        {
            using var turn = await turns.TakeAsync(expired.Device, cancellation);
            if (index.Find(expired.RequestId) is { State: CommandState.Queued } waiting)
            {
                await ledger.AppendAsync([new(waiting, waiting.Step(CommandState.Expired, Clock.Now(time), CommandReasons.Expired(waiting)))]);
            }

            return true;
        }
        catch (JournalUnavailableException)
        {
            index.TryAgain(expired);
            return false;
        }
    }

    private QueuedCommand? Present(string requestId) => index.Find(requestId) ?? follower.Find(requestId);

    private static SubmitResult Repeated(QueuedCommand before, CommandRequest request) => request.IsSameAs(before.Request.Span)
        ? new SubmitResult(SubmitOutcome.Repeated, before, [])
        : SubmitResult.Refused(SubmitOutcome.Conflict, "request_id", $"another command was handed in as {before.RequestId} before; take another request_id, or leave it out");

    private async Task<SubmitResult> TakeAsync(CommandRequest request, string? runId, CancellationToken cancellation)
    {
        var id = DeviceId.Parse(request.DeviceId!);
        if (await devices.FindAsync(id, cancellation) is not { } device)
        {
            return SubmitResult.Refused(SubmitOutcome.UnknownDevice, "device_id", $"device {id} is not known; register it with POST /api/v1/devices, or wait until it has spoken");
        }

        var profile = device.Profile is { } name ? profiles.Find(name) : null;
        var confirm = request.Confirm ?? profile?.Confirm ?? CommandConfirm.NextMessage;
        var tried = await registry.TryCommandAsync(request.ToCommand(request.RequestId!), device, confirm, cancellation);
        if (tried is { } problem)
        {
            return new SubmitResult(SubmitOutcome.Invalid, null, [problem]);
        }

        using var turn = await turns.TakeAsync(id, cancellation);
        if (Refusal(request, id) is { } refusal)
        {
            return refusal;
        }

        var now = Clock.Now(time);
        var queued = CommandBody.Of(request, request.ToJson(), request.RequestId!, device.Profile ?? "", confirm, request.ExpiryFrom(now), now);
        return await QueueAsync(queued with { Device = device.Id, RunId = runId });
    }

    private SubmitResult? Refusal(CommandRequest request, DeviceId device)
    {
        // One that takes another's place takes no room.
        if (index.Waiting(device) >= _settings.MaxQueuedPerDevice && (request.DedupKey is not { } key || index.WaitingWithKey(device, key) is []))
        {
            return SubmitResult.Refused(SubmitOutcome.QueueFull, "device_id", $"{_settings.MaxQueuedPerDevice} commands wait for device {device} already, as many as commands.max_queued_per_device allows");
        }

        return index.Count >= _settings.MaxQueued
            ? SubmitResult.Refused(SubmitOutcome.QueueFull, "", $"{_settings.MaxQueued} commands wait already, as many as commands.max_queued allows")
            : follower.Lag >= MaxLag ? SubmitResult.Refused(SubmitOutcome.Unavailable, "", "the store of commands is too far behind the journal; try again later")
            : null;
    }

    private async Task<SubmitResult> QueueAsync(QueuedCommand queued)
    {
        try
        {
            var steps = new List<CommandStepTaken>(2);
            foreach (var older in queued.DedupKey is { } key ? index.WaitingWithKey(queued.Device, key) : [])
            {
                steps.Add(new(older, older.Step(CommandState.Superseded, queued.CreatedAt, $"command {queued.RequestId} has the same dedup_key and is newer")));
            }

            steps.Add(new(null, queued));
            return new SubmitResult(SubmitOutcome.Queued, (await ledger.AppendAsync(steps))[^1], []);
        }
        catch (JournalUnavailableException e)
        {
            return SubmitResult.Refused(SubmitOutcome.Unavailable, "", $"the command can't be made durable now: {e.Message}");
        }
    }
}
