using Gateway.Devices;

namespace Gateway.Commands;

/// <summary>
/// Queues the commands of runs, each at its own pace, and looks how they fare. How far a run has come is saved after its commands are on disk:
/// after a crash the last ones are handed in again under the same request ids, and are the ones that wait already.
/// </summary>
internal sealed class RunQueuer(
    CommandRuns runs, RunSelection selection, CommandConsumer consumer, CommandIndex index, RunTallies tallies, CommandMetrics metrics, TimeProvider time,
    ILogger<RunQueuer> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    // What a pause of the process or of the disk has made it lose is not to be caught up with.
    private static readonly TimeSpan LongestDebt = TimeSpan.FromSeconds(1);

    private const int MostAtOnce = 2500;
    private const int MostCancelledAtOnce = 1000;

    // Of the loop alone: since when each run may queue again, and what of a command it has saved up.
    private readonly Dictionary<string, (long Since, double Saved)> _paces = new(StringComparer.Ordinal);
    private bool _isFailing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.ObserveRuns(() => runs.Open.CountBy(run => run.State));
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await StepAllAsync(stoppingToken);
        }
    }

    /// <summary>Does for each run what is due by now.</summary>
    internal async Task StepAllAsync(CancellationToken cancellation)
    {
        var failure = await TryAsync(() => runs.ForgetEndedAsync(cancellation));
        foreach (var run in runs.Open.ToArray())
        {
            failure = await TryAsync(() => StepAsync(run, cancellation)) ?? failure;
        }

        // A disk that is full for an hour is told of once.
        if (failure is not null && !_isFailing)
        {
            log.RunStepFailed(failure);
        }

        _isFailing = failure is not null;
    }

    private static async Task<Exception?> TryAsync(Func<Task> step)
    {
        try
        {
            await step();
            return null;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return e;
        }
    }

    private async Task StepAsync(CommandRun run, CancellationToken cancellation)
    {
        switch (run.State)
        {
            case RunState.Running when run.ReasonToHalt(tallies.Of(run.Id)) is { } reason:
                await runs.ChangeAsync(run.Id, now => now.State is RunState.Running ? now.To(RunState.Halted, Clock.Now(time), reason) : now, cancellation);
                break;
            case RunState.Running when run.Total is null:
                var total = await selection.CountAsync(run, cancellation);
                await runs.ChangeAsync(run.Id, now => now with { Total = total }, cancellation);
                break;
            case RunState.Running when !run.IsThrough:
                await QueueAsync(run, cancellation);
                break;
            case RunState.Running when tallies.Of(run.Id).Active == 0:
                await EndAsync(run, RunState.Completed, cancellation);
                break;
            case RunState.Cancelling:
                await CancelAsync(run, cancellation);
                break;
            default:
                _paces.Remove(run.Id);
                break;
        }
    }

    private async Task QueueAsync(CommandRun run, CancellationToken cancellation)
    {
        var most = Allowance(run);
        if (most == 0)
        {
            return;
        }

        var (devices, seen, isLast) = await selection.NextAsync(run, most, cancellation);
        var results = await Task.WhenAll(devices.Select(device => consumer.SubmitAsync(run.Request.CommandFor(run.Id, device.Id), cancellation, run.Id)));
        var batch = RunBatch.Of(devices, results);
        metrics.RunRefused(batch.Refusals.Count);
        Spend(run, batch.Addressed);
        await runs.ChangeAsync(run.Id, now => After(now, batch, seen, isLast), cancellation);
    }

    private CommandRun After(CommandRun now, RunBatch batch, DeviceId seen, bool isLast)
    {
        var reason = now.State is RunState.Running ? batch.Obstacle : now.Reason;
        if (!batch.IsWhole && batch.Addressed == 0)
        {
            return now.Reason == reason ? now : now with { Reason = reason, UpdatedAt = Clock.Now(time) };
        }

        return now with
        {
            After = batch.IsWhole ? seen : batch.Last!.Value,
            IsThrough = batch.IsWhole && isLast,
            Taken = now.Taken + batch.Taken,
            Refused = now.Refused + batch.Refusals.Count,
            Refusals = [.. now.Refusals.Concat(batch.Refusals).Take(CommandRun.MostRefusalsKept)],
            Total = batch.IsWhole && isLast ? now.Taken + now.Refused + batch.Addressed : now.Total,
            Reason = reason,
            UpdatedAt = Clock.Now(time),
        };
    }

    private async Task CancelAsync(CommandRun run, CancellationToken cancellation)
    {
        var waiting = index.WaitingOf(run.Id);
        foreach (var some in waiting.Chunk(MostCancelledAtOnce))
        {
            await Task.WhenAll(some.Select(command => consumer.CancelAsync(command.RequestId, cancellation)));
        }

        if (tallies.Of(run.Id).Active == 0)
        {
            await EndAsync(run, RunState.Cancelled, cancellation);
        }
    }

    private async Task EndAsync(CommandRun run, RunState state, CancellationToken cancellation)
    {
        _paces.Remove(run.Id);
        await runs.ChangeAsync(run.Id, now => now.State == run.State ? now.To(state, Clock.Now(time), now.State is RunState.Cancelling ? now.Reason : null) : now, cancellation);
    }

    // How many commands its rate allows by now: whole ones.
    private int Allowance(CommandRun run)
    {
        var now = time.GetTimestamp();
        var pace = _paces.GetValueOrDefault(run.Id, (now, 1));
        var passed = time.GetElapsedTime(pace.Since, now);
        var saved = pace.Saved + (run.CommandsPerSecond * (passed < LongestDebt ? passed : LongestDebt).TotalSeconds);
        _paces[run.Id] = (now, saved);
        return (int)Math.Min(saved, MostAtOnce);
    }

    private void Spend(CommandRun run, int commands)
    {
        var pace = _paces[run.Id];
        _paces[run.Id] = pace with { Saved = Math.Max(0, pace.Saved - commands) };
    }
}

/// <summary>What became of some commands of a run, up to the first that has to be handed in again.</summary>
internal sealed record RunBatch
{
    /// <summary>How many devices it counts.</summary>
    public int Addressed { get; private init; }

    /// <summary>The last of them; null for none.</summary>
    public DeviceId? Last { get; private init; }

    /// <summary>How many of them have the command now.</summary>
    public int Taken { get; private init; }

    public IReadOnlyList<RunRefusal> Refusals { get; private init; } = [];

    /// <summary>Why the next one could not be handed in yet; null when all were.</summary>
    public string? Obstacle { get; private init; }

    public bool IsWhole => Obstacle is null;

    public static RunBatch Of(IReadOnlyList<Device> devices, IReadOnlyList<SubmitResult> results)
    {
        var (taken, refusals) = (0, new List<RunRefusal>());
        for (var i = 0; i < devices.Count; i++)
        {
            if (results[i].IsTaken)
            {
                taken++;
            }
            else if (IsPassing(results[i]))
            {
                return new RunBatch
                {
                    Addressed = i,
                    Last = i > 0 ? devices[i - 1].Id : null,
                    Taken = taken,
                    Refusals = refusals,
                    Obstacle = $"waits: {SubmitProblem.DetailOf(results[i])}",
                };
            }
            else
            {
                refusals.Add(new RunRefusal(devices[i].Id.ToString(), SubmitProblem.DetailOf(results[i])));
            }
        }

        return new RunBatch { Addressed = devices.Count, Last = devices.Count > 0 ? devices[^1].Id : null, Taken = taken, Refusals = refusals };
    }

    // No fault of the command or of its device: the disk, the store, or all queues together.
    private static bool IsPassing(SubmitResult result) =>
        result.Outcome is SubmitOutcome.Unavailable || (result.Outcome is SubmitOutcome.QueueFull && result.Problems is [{ Path.Length: 0 }]);
}
