using System.Collections.Frozen;
using System.Collections.Immutable;
using Gateway.Devices;

namespace Gateway.Commands;

/// <summary>
/// Commands for many devices: begun, watched over and stopped here. What a run is and how far it has come is in the store before anybody is told
/// so; its commands are commands like all others. <see cref="RunQueuer"/> queues them.
/// </summary>
internal sealed class CommandRuns(
    ICommandRunStore store, RunTallies tallies, CommandIndex index, CommandRegistry registry, CommandScripts scripts, ProfileCatalog profiles,
    PushQueue pushes, CommandSettings settings, TimeProvider time, ILogger<CommandRuns> log) : IDisposable
{
    private const int MostKept = 1000;

    // One change of a run at a time; it lasts over the write.
    private readonly SemaphoreSlim _changing = new(1, 1);

    private volatile CommandSettings _settings = settings;

    // Replaced as a whole under _changing, read from everywhere. The oldest first.
    private volatile ImmutableList<CommandRun> _runs = [];

    /// <summary>From now on these are the limits. What is under way already stays.</summary>
    public void Use(CommandSettings settings) => _settings = settings;

    /// <summary>All that are known, the newest first.</summary>
    public IEnumerable<CommandRun> All => _runs.Reverse();

    /// <summary>Those that have not ended, the oldest first.</summary>
    public IEnumerable<CommandRun> Open => _runs.Where(run => !run.State.HasEnded());

    public CommandRun? Find(string runId) => _runs.Find(run => run.Id == runId);

    /// <summary>Knows the runs again, and which of their commands have ended, before anything else happens.</summary>
    public void Load()
    {
        var loaded = store.Load();
        foreach (var (run, counts) in loaded)
        {
            tallies.StartFrom(run.Id, counts);
        }

        Replace([.. loaded.Select(entry => entry.Run).OrderBy(run => run.CreatedAt).ThenBy(run => run.Id, StringComparer.Ordinal)]);
    }

    /// <summary>Begins a run, as it came: UTF-8, from whoever.</summary>
    public async Task<RunResult> SubmitAsync(ReadOnlyMemory<byte> json, CancellationToken cancellation)
    {
        if (RunRequest.Read(json.Span, out var malformed) is not { } request)
        {
            return new RunResult(SubmitOutcome.Malformed, null, [malformed!]);
        }

        var problems = request.Problems(profiles, time.GetUtcNow()).ToArray();
        if (problems.Length > 0)
        {
            return new RunResult(SubmitOutcome.Invalid, null, problems);
        }

        using var turn = await TurnAsync(cancellation);
        if (request.RunId is { } id && Find(id) is { } before)
        {
            return request.IsSameAs(before.Request)
                ? new RunResult(SubmitOutcome.Repeated, before, [])
                : RunResult.Refused(SubmitOutcome.Conflict, "run_id", $"another run was begun as {id} before; take another run_id, or leave it out");
        }

        if (Open.Count() >= _settings.MaxRuns)
        {
            return RunResult.Refused(SubmitOutcome.QueueFull, "", $"{_settings.MaxRuns} runs are under way already, as many as commands.max_runs allows");
        }

        if (await TryCommandAsync(request, cancellation) is { } problem)
        {
            return new RunResult(SubmitOutcome.Invalid, null, [problem]);
        }

        var now = Clock.Now(time);
        var run = new CommandRun { Id = request.RunId ?? Guid.CreateVersion7(now).ToString("N"), Request = request, CreatedAt = now, UpdatedAt = now };
        await store.SaveAsync(run, cancellation);
        Replace(_runs.Add(run));
        log.RunBegins(run.Id, request.Command!.CommandType!, request.Profile ?? "any", request.Label ?? "any", run.CommandsPerSecond);
        return new RunResult(SubmitOutcome.Queued, run, []);
    }

    /// <summary>Stops a run for a while; null when there is none. One that can't be stopped stays as it is.</summary>
    public Task<CommandRun?> PauseAsync(string runId, CancellationToken cancellation) => ChangeAsync(
        runId, run => run.State is RunState.Running ? run.To(RunState.Paused, Clock.Now(time), "paused by the caller") : run, cancellation);

    /// <summary>Lets a run go on; null when there is none. What has failed until then is forgiven.</summary>
    public Task<CommandRun?> ResumeAsync(string runId, CancellationToken cancellation) => ChangeAsync(
        runId,
        run => run.State is RunState.Paused or RunState.Halted
            ? run.To(RunState.Running, Clock.Now(time)) with { Forgiven = run.State is RunState.Halted ? run.Judge(tallies.Of(runId)) : run.Forgiven }
            : run,
        cancellation);

    /// <summary>Calls a run off; null when there is none.</summary>
    public Task<CommandRun?> CancelAsync(string runId, CancellationToken cancellation) => ChangeAsync(
        runId, run => run.State.HasEnded() ? run : run.To(RunState.Cancelling, Clock.Now(time), "cancelled by the caller"), cancellation);

    /// <summary>Changes a run: the change gets it as it is, and is on disk and seen when this completes. Null when there is none.</summary>
    public async Task<CommandRun?> ChangeAsync(string runId, Func<CommandRun, CommandRun> change, CancellationToken cancellation)
    {
        using var turn = await TurnAsync(cancellation);
        if (Find(runId) is not { } run)
        {
            return null;
        }

        var changed = change(run);
        if (changed == run)
        {
            return run;
        }

        // What keeps commands back holds at once; what lets them go, once it is on disk.
        if (changed.State.HoldsBack())
        {
            HoldBack(_runs.Replace(run, changed));
        }

        try
        {
            await store.SaveAsync(changed, cancellation);
        }
        catch
        {
            HoldBack(_runs);
            throw;
        }

        Replace(_runs.Replace(run, changed));
        if (run.State.HoldsBack() && !changed.State.HoldsBack())
        {
            Wake(runId);
        }

        if (changed.State != run.State)
        {
            log.RunChanged(runId, changed.State, changed.Reason is { } reason ? $": {reason}" : "");
        }

        return changed;
    }

    /// <summary>Forgets runs that ended long ago.</summary>
    public async Task ForgetEndedAsync(CancellationToken cancellation)
    {
        var before = time.GetUtcNow() - TimeSpan.FromDays(_settings.KeepDays);
        var ended = _runs.Where(run => run.State.HasEnded()).ToArray();
        var old = ended.Where((run, place) => run.EndedAt < before || ended.Length - place > MostKept).ToArray();
        if (old.Length == 0)
        {
            return;
        }

        using var turn = await TurnAsync(cancellation);
        foreach (var run in old)
        {
            await store.DeleteAsync(run.Id, cancellation);
            tallies.Forget(run.Id);
            Replace(_runs.Remove(run));
        }
    }

    public void Dispose() => _changing.Dispose();

    private void Replace(ImmutableList<CommandRun> runs)
    {
        _runs = runs;
        HoldBack(runs);
    }

    private void HoldBack(ImmutableList<CommandRun> runs) =>
        index.HoldBack(runs.Where(run => run.State.HoldsBack()).Select(run => run.Id).ToFrozenSet(StringComparer.Ordinal));

    // Devices that are pushed to would otherwise wait until they speak.
    private void Wake(string runId)
    {
        foreach (var waiting in index.WaitingOf(runId))
        {
            pushes.Now(waiting.Device);
        }
    }

    // With a profile it is known whose script will speak for most of the devices; then a mistake shows at once, and not a thousand times.
    private async ValueTask<CommandProblem?> TryCommandAsync(RunRequest request, CancellationToken cancellation)
    {
        if (request.Profile is not { } profile)
        {
            return null;
        }

        var registration = await registry.AnonymousAsync(profile, cancellation);
        var tried = await scripts.FormatAsync(request.Command!.ToCommand("any") with { DeviceId = "" }, registration, request: null, cancellation);
        return tried.Bytes is null ? new CommandProblem("command.payload", tried.Problem!, tried.IsOfScript) : null;
    }

    private async ValueTask<IDisposable> TurnAsync(CancellationToken cancellation)
    {
        await _changing.WaitAsync(cancellation);
        return new Turn(_changing);
    }

    private sealed class Turn(SemaphoreSlim changing) : IDisposable
    {
        public void Dispose() => changing.Release();
    }
}
