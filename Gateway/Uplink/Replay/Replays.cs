using System.Collections.Immutable;
using System.Threading.Channels;
using Gateway.Journal;

namespace Gateway.Uplink;

/// <summary>The replays, one at a time, and what is known of the last ones. A start of the gateway forgets them.</summary>
internal sealed class Replays(
    IJournal journal, FrameReplay frames, ReplaySettings settings, TimeProvider time, UplinkMetrics metrics, ILogger<Replays> log) : BackgroundService
{
    /// <summary>So many are remembered.</summary>
    public const int MostRemembered = 20;

    private volatile ReplaySettings _settings = settings;

    private readonly Channel<ReplayRun> _next = Channel.CreateBounded<ReplayRun>(1);

    // Guards the start: only one may be under way.
    private readonly Lock _starting = new();

    // Replaced as a whole under _starting, read from everywhere. The latest first.
    private volatile ImmutableList<ReplayRun> _runs = [];

    /// <summary>The last ones, the latest first.</summary>
    public IReadOnlyList<ReplayRun> All => _runs;

    /// <summary>From now on this is the pace, also of a replay that is under way.</summary>
    public void Use(ReplaySettings settings) => _settings = settings;

    public ReplayRun? Find(string id) => _runs.Find(run => run.Id == id);

    /// <summary>Begins one, or gives the one that is under way.</summary>
    public (ReplayRun Run, bool IsNew) Start(ReplayRequest request)
    {
        lock (_starting)
        {
            if (_runs.FirstOrDefault() is { Progress.HasEnded: false } underWay)
            {
                return (underWay, false);
            }

            var now = time.GetUtcNow();
            var run = new ReplayRun(Guid.CreateVersion7(now).ToString("N"), request, now);
            _runs = [run, .. _runs.Take(MostRemembered - 1)];
            _next.Writer.TryWrite(run);
            return (run, true);
        }
    }

    public override void Dispose()
    {
        foreach (var run in _runs)
        {
            run.Dispose();
        }

        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var run in _next.Reader.ReadAllAsync(stoppingToken))
        {
            await RunAsync(run, stoppingToken);
        }
    }

    private async Task RunAsync(ReplayRun run, CancellationToken stopping)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping, run.Cancelled);
        log.ReplayStarts(run.Id, run.Request);
        try
        {
            var walk = new ReplayWalk(journal, frames, new ReplayPace(() => _settings, journal, time), new RereadBatch(journal, time, run), run);
            await walk.RunAsync(end.Token);
            run.End(ReplayState.Completed, time.GetUtcNow());
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            run.End(ReplayState.Cancelled, time.GetUtcNow());
        }
        catch (Exception e)
        {
            run.End(ReplayState.Failed, time.GetUtcNow(), $"{e.Message} What has been kept until then stays; another replay goes on from there.");
            log.ReplayFailed(run.Id, e);
        }

        var counts = run.Progress.Counts;
        if (!run.Request.DryRun)
        {
            metrics.Replayed(counts);
        }

        log.ReplayEnded(run.Id, run.Progress.State, counts.Parsed, counts.Readings, counts.Unchanged, counts.Failed, counts.Held, counts.Skipped);
    }
}
