namespace Gateway.Sinks;

/// <summary>What became of the messages of a batch. What is neither refused nor to be tried again was taken.</summary>
internal sealed record Delivery
{
    public static Delivery AllTaken { get; } = new();

    /// <summary>What the other side will never take: it goes to the dead letters, and what is behind it goes on.</summary>
    public IReadOnlyList<Refusal> Refused { get; init; } = [];

    /// <summary>What is to be tried again, in order.</summary>
    public IReadOnlyList<SinkMessage> Again { get; init; } = [];

    /// <summary>Why something is to be tried again; null when nothing is.</summary>
    public string? Problem { get; init; }

    /// <summary>How long the other side asked to wait before that; null when it said nothing.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Nothing was taken, and all is to be tried again.</summary>
    public static Delivery Later(IReadOnlyList<SinkMessage> batch, string problem, TimeSpan? retryAfter = null) =>
        new() { Again = batch, Problem = problem, RetryAfter = retryAfter };

    /// <summary>Nothing was taken, nor ever will be.</summary>
    public static Delivery Refuse(IEnumerable<SinkMessage> batch, string reason) =>
        new() { Refused = [.. batch.SelectMany(message => message.LineByLine()).Select(message => new Refusal(message, reason))] };
}

/// <summary>A message that the other side refuses for good, and its reason, for people.</summary>
internal sealed record Refusal(SinkMessage Message, string Reason);
