using Gateway.Journal;

namespace Gateway.Sinks;

/// <summary>Brings the journal's readings to the sinks: a loop for each, so that none waits for another.</summary>
internal sealed class SinkDispatcher : BackgroundService, IAsyncDisposable
{
    /// <summary>How long the sinks may go on after the stop, with what is in the journal by then.</summary>
    public static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly IReadOnlyList<ISink> _sinks;
    private readonly IReadOnlyList<SinkLoop> _loops;
    private readonly TimeProvider _time;

    public SinkDispatcher(
        IReadOnlyList<ISink> sinks, IJournal journal, TimeProvider time, Random chance, SinkMetrics metrics, ILogger<SinkDispatcher> logger)
    {
        (_sinks, _time) = (sinks, time);

        // A Random of its own for each loop: one may not be used by two threads.
        _loops = [.. from sink in sinks
                     let backOff = new BackOff(time, new Random(chance.Next()), FirstWait, LongestWait)
                     select new SinkLoop(sink, journal, backOff, time, metrics, logger)];
        metrics.ObserveLag(() => Status);
    }

    /// <summary>How each sink is.</summary>
    public IReadOnlyList<SinkStatus> Status => [.. _loops.Select(loop => loop.Status)];

    public async ValueTask DisposeAsync()
    {
        Dispose();
        foreach (var sink in _sinks)
        {
            await sink.DisposeAsync();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var deadline = new CancellationTokenSource();
        await using var drain = _time.CreateTimer(_ => deadline.Cancel(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        using var stop = stoppingToken.Register(() => drain.Change(DrainTime, Timeout.InfiniteTimeSpan));

        // A thread of the pool for each: a sink that blocks its thread blocks no other.
        await Task.WhenAll(_loops.Select(loop => Task.Run(() => loop.RunAsync(stoppingToken, deadline.Token), CancellationToken.None)));
    }
}
