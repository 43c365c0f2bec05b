using System.Diagnostics;

namespace Gateway.Journal;

/// <summary>
/// Traces of exchanges, where somebody collects them: a span for the exchange, within it one for each step, and one for each sink that has
/// delivered its readings later. Of most exchanges there is none, by chance; those cost a random number.
/// </summary>
/// <param name="ratio">How many of all exchanges are traced, 0 to 1.</param>
/// <param name="chance">Who says which. Threads share it.</param>
internal sealed class ExchangeTraces(double ratio, Random chance)
{
    /// <summary>The name that a collector of spans listens to.</summary>
    public const string SourceName = "Gateway.Exchanges";

    // Of so many records it is remembered which exchange brought them; with more waiting for the sinks, the oldest traces end without them.
    private const int MostRemembered = 4096;

    // A sink may have a record before its exchange is told that it is on disk; not much before.
    private const int LateBy = 16;

    private static readonly ActivitySource Source = new(SourceName);

    private readonly Lock _lock = new();
    private readonly Dictionary<long, ActivityContext> _remembered = [];
    private readonly Queue<long> _order = [];
    private readonly Queue<Delivery> _last = [];

    /// <summary>Traces nothing.</summary>
    public static ExchangeTraces Off { get; } = new(0, new Random(0));

    /// <summary>The span of an exchange; null for those of which there is none. The caller ends it.</summary>
    /// <param name="receivedAt">When the request came.</param>
    public Activity? Begin(DateTimeOffset receivedAt) =>
        ratio > 0 && chance.NextDouble() < ratio ? Source.StartActivity("exchange", ActivityKind.Server, default(ActivityContext), startTime: receivedAt) : null;

    /// <summary>The span of a step of an exchange that is traced; null for others. The caller ends it.</summary>
    public static Activity? Step(Activity? exchange, string name) =>
        exchange is null ? null : Source.StartActivity(name, ActivityKind.Internal, exchange.Context);

    /// <summary>What an exchange that is traced has brought is this record.</summary>
    public void Kept(Activity? exchange, long sequence)
    {
        if (exchange is not null)
        {
            Remember(exchange, sequence);
        }
    }

    // In a method of its own, so that only an exchange that is traced pays for what is captured here.
    private void Remember(Activity exchange, long sequence)
    {
        Delivery[] had;
        lock (_lock)
        {
            if (_order.Count == MostRemembered)
            {
                _remembered.Remove(_order.Dequeue());
            }

            _remembered[sequence] = exchange.Context;
            _order.Enqueue(sequence);
            had = [.. _last.Where(delivery => delivery.Sequences.Contains(sequence))];
        }

        foreach (var delivery in had)
        {
            Tell(exchange.Context, delivery);
        }
    }

    /// <summary>A sink has delivered messages of these records, or has tried to: a span in the trace of each that is traced.</summary>
    /// <param name="sink">The sink's name.</param>
    /// <param name="sequences">The records; the same may stand there many times.</param>
    /// <param name="began">When it began with them.</param>
    /// <param name="problem">Why it did not succeed; null when it did.</param>
    public void Delivered(string sink, IEnumerable<long> sequences, DateTimeOffset began, string? problem)
    {
        if (ratio <= 0)
        {
            return;
        }

        var delivery = new Delivery(sink, sequences.ToHashSet(), began, problem);
        ActivityContext[] exchanges;
        lock (_lock)
        {
            if (_last.Count == LateBy)
            {
                _last.Dequeue();
            }

            _last.Enqueue(delivery);
            exchanges = [.. delivery.Sequences.Where(_remembered.ContainsKey).Select(sequence => _remembered[sequence])];
        }

        foreach (var exchange in exchanges)
        {
            Tell(exchange, delivery);
        }
    }

    private static void Tell(ActivityContext exchange, Delivery delivery)
    {
        using var span = Source.StartActivity("deliver", ActivityKind.Producer, exchange, [new("gateway.sink", delivery.Sink)], startTime: delivery.Began);
        span?.SetStatus(delivery.Problem is null ? ActivityStatusCode.Unset : ActivityStatusCode.Error, delivery.Problem);
    }

    private sealed record Delivery(string Sink, HashSet<long> Sequences, DateTimeOffset Began, string? Problem);
}
