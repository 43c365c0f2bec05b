using System.Text.Json;

namespace Gateway.Sinks;

/// <summary>A sink at work: its loop, and the means to end it.</summary>
internal sealed class RunningSink : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _deadline = new();
    private readonly Task _work;

    public RunningSink(ConfiguredSink configured, SinkLoop loop, TimeProvider time)
    {
        (Configured, Loop, _time) = (configured, loop, time);

        // A thread of the pool for each: a sink that blocks its thread blocks no other.
        _work = Task.Run(() => loop.RunAsync(_stopping.Token, _deadline.Token), CancellationToken.None);
    }

    public ConfiguredSink Configured { get; }

    public SinkLoop Loop { get; }

    /// <summary>Whether gateway.json still says the same of it.</summary>
    public bool IsAs(SinkSettings settings) => Text(Configured.Settings) == Text(settings);

    /// <summary>Ends the work: with what is in the journal now, or with the batch that is under way. A delivery that hangs is given up in the end.</summary>
    public async Task StopAsync(bool drain, TimeSpan patience)
    {
        if (!drain)
        {
            Loop.EndWithBatch();
        }

        await using var limit = _time.CreateTimer(_ => _deadline.Cancel(), null, patience, Timeout.InfiniteTimeSpan);
        await _stopping.CancelAsync();
        await _work;
    }

    public async ValueTask DisposeAsync()
    {
        _stopping.Dispose();
        _deadline.Dispose();
        await Configured.Sink.DisposeAsync();
    }

    private static string Text(SinkSettings settings) => JsonSerializer.Serialize(settings);
}
