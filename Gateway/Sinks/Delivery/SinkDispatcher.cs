using Gateway.Journal;

namespace Gateway.Sinks;

/// <summary>Brings the journal's readings to the sinks: a loop for each, so that none waits for another.</summary>
internal sealed class SinkDispatcher : BackgroundService, IAsyncDisposable
{
    /// <summary>How long the sinks may go on after the stop, with what is in the journal by then.</summary>
    public static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5);

    private readonly IReadOnlyList<ConfiguredSink> _sinks;
    private readonly IReadOnlyList<SinkLoop> _loops;
    private readonly TimeProvider _time;

    public SinkDispatcher(
        IReadOnlyList<ConfiguredSink> sinks, IJournal journal, TimeProvider time, Random chance, SinkMetrics metrics, ILogger<SinkDispatcher> logger)
    {
        (_sinks, _time) = (sinks, time);

        // A Random of its own for each loop: one may not be used by two threads.
        _loops = [.. sinks.Select(sink => new SinkLoop(sink, journal, time, new Random(chance.Next()), metrics, logger))];
        metrics.Observe(() => Status);
    }

    /// <summary>How each sink is.</summary>
    public IReadOnlyList<SinkStatus> Status => [.. _loops.Select(loop => loop.Status)];

    public async ValueTask DisposeAsync()
    {
        Dispose();
        foreach (var sink in _sinks)
        {
            await sink.Sink.DisposeAsync();
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
