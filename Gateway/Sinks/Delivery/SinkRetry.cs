using Polly;
using Polly.Retry;

namespace Gateway.Sinks;

/// <summary>
/// When a batch is tried again: Polly's exponential back-off with its decorrelated jitter, so that many that failed together do not come
/// back together, or the wait that the other side asks for.
/// </summary>
internal static class SinkRetry
{
    /// <summary>A wait that the other side asks for is believed up to here.</summary>
    public static readonly TimeSpan LongestAsked = TimeSpan.FromHours(1);

    /// <param name="settings">The section of gateway.json.</param>
    /// <param name="time">The clock.</param>
    /// <param name="chance">Chance, used by the pipeline alone.</param>
    /// <param name="goOn">Whether a failure is to be followed by another try.</param>
    /// <param name="failed">Told of each failure that is, and of the wait.</param>
    public static ResiliencePipeline<Attempt> Create(
        SinkRetrySettings settings, TimeProvider time, Random chance, Func<bool> goOn, Action<Attempt, TimeSpan> failed)
    {
        var longest = TimeSpan.FromSeconds(Math.Max(settings.LongestWaitSeconds, settings.FirstWaitSeconds));
        return new ResiliencePipelineBuilder<Attempt> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<Attempt>
            {
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Result is { Failed: true } && goOn()),
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromSeconds(settings.FirstWaitSeconds),
                MaxDelay = longest,
                Randomizer = chance.NextDouble,
                DelayGenerator = arguments => ValueTask.FromResult(Asked(arguments.Outcome.Result?.RetryAfter)),
                OnRetry = arguments =>
                {
                    failed(arguments.Outcome.Result!, arguments.RetryDelay);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
    }

    private static TimeSpan? Asked(TimeSpan? wait) => wait switch
    {
        null => null,
        var asked when asked > LongestAsked => LongestAsked,
        var asked when asked <= TimeSpan.Zero => null,
        var asked => asked,
    };
}
