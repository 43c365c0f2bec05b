using System.Collections.Immutable;
using Gateway.Journal;

namespace Gateway.Sinks;

/// <summary>Brings the journal's readings to the sinks: a loop for each, so that none waits for another.</summary>
internal sealed class SinkDispatcher : BackgroundService, IAsyncDisposable
{
    /// <summary>How long the sinks may go on after the stop, with what is in the journal by then.</summary>
    public static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5);

    private readonly IReadOnlyList<ConfiguredSink> _first;
    private readonly IJournal _journal;
    private readonly TimeProvider _time;
    private readonly Random _chance;
    private readonly SinkMetrics _metrics;
    private readonly ExchangeTraces _traces;
    private readonly ILogger<SinkDispatcher> _logger;

    // Held by who starts and stops sinks: one at a time.
    private readonly SemaphoreSlim _changing = new(1);

    // Replaced as a whole by who holds _changing, read by who asks for the status.
    private volatile ImmutableSortedDictionary<string, RunningSink> _running = ImmutableSortedDictionary.Create<string, RunningSink>(StringComparer.Ordinal);
    private bool _stopped;

    public SinkDispatcher(
        IReadOnlyList<ConfiguredSink> sinks, IJournal journal, TimeProvider time, Random chance, SinkMetrics metrics, ExchangeTraces traces,
        ILogger<SinkDispatcher> logger)
    {
        (_first, _journal, _time, _chance, _metrics, _traces, _logger) = (sinks, journal, time, chance, metrics, traces, logger);
        metrics.Observe(() => Status);
    }

    /// <summary>How each sink is.</summary>
    public IReadOnlyList<SinkStatus> Status => [.. _running.Values.Select(sink => sink.Loop.Status)];

    /// <summary>Has a sink's dead letters offered to it again; null when there is no such sink at work, false when that is under way already.</summary>
    public bool? TryReplayDeadLetters(string sink) => _running.GetValueOrDefault(sink)?.Loop.TryReplayDeadLetters();

    /// <summary>Pauses a sink that is at work, or lets it go on; null when there is no such sink.</summary>
    /// <exception cref="IOException">That can't be remembered; nothing has changed.</exception>
    /// <exception cref="UnauthorizedAccessException">That may not be remembered; nothing has changed.</exception>
    public SinkStatus? SetPaused(string sink, bool paused)
    {
        if (_running.GetValueOrDefault(sink)?.Loop is not { } loop)
        {
            return null;
        }

        if (paused)
        {
            loop.Pause();
        }
        else
        {
            loop.Resume();
        }

        return loop.Status;
    }

    /// <summary>
    /// Makes the sinks what gateway.json says now. One that is as before goes on undisturbed. One that has changed ends the batch that is under
    /// way, and goes on after it with its new settings; one that is gone or switched off ends with its batch.
    /// </summary>
    /// <param name="settings">The whole section.</param>
    /// <param name="make">Makes a sink.</param>
    public async Task ReloadAsync(IReadOnlyDictionary<string, SinkSettings> settings, Func<string, SinkSettings, ISink> make)
    {
        await _changing.WaitAsync();
        try
        {
            if (_stopped)
            {
                return;
            }

            var ending = _running.Where(entry => !(settings.TryGetValue(entry.Key, out var now) && now.Enabled && entry.Value.IsAs(now))).ToList();
            await Task.WhenAll(ending.Select(entry => EndAsync(entry.Value)));
            _running = _running.RemoveRange(ending.Select(entry => entry.Key));
            foreach (var (name, sink) in settings.Where(entry => entry.Value.Enabled && !_running.ContainsKey(entry.Key)))
            {
                Start(new ConfiguredSink(make(name, sink), sink));
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var sink in _first)
        {
            Start(sink);
        }

        await base.StartAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        // A start that failed elsewhere is disposed of without a stop: this is one, and the sinks are not taken away from their loops.
        Dispose();
        await (ExecuteTask ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var sink in ExecuteTask is null ? _first.Select(first => (IAsyncDisposable)first.Sink) : _running.Values)
        {
            await sink.DisposeAsync();
        }

        _changing.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _changing.WaitAsync(CancellationToken.None);
        _stopped = true;
        _changing.Release();
        await Task.WhenAll(_running.Values.Select(sink => sink.StopAsync(drain: true, DrainTime)));
    }

    private static async Task EndAsync(RunningSink sink)
    {
        await sink.StopAsync(drain: false, DrainTime);
        await sink.DisposeAsync();
    }

    // A Random of its own for each loop: one may not be used by two threads.
    private void Start(ConfiguredSink sink) => _running = _running.Add(
        sink.Sink.Name, new RunningSink(sink, new SinkLoop(sink, _journal, _time, new Random(_chance.Next()), _metrics, _traces, _logger), _time));
}
