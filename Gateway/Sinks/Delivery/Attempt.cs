namespace Gateway.Sinks;

/// <summary>How a try to bring a batch to its end came out.</summary>
/// <param name="Problem">Why it must be tried again; null when the batch is done with.</param>
/// <param name="RetryAfter">How long the other side asked to wait.</param>
/// <param name="Exception">What was thrown, for the log.</param>
internal sealed record Attempt(string? Problem = null, TimeSpan? RetryAfter = null, Exception? Exception = null)
{
    public static Attempt Done { get; } = new();

    public bool Failed => Problem is not null;
}
