using Gateway.Journal;

namespace Gateway.Sinks;

/// <summary>A place that readings go to. It is called by one loop, never twice at a time.</summary>
internal interface ISink : IAsyncDisposable
{
    /// <summary>The name in gateway.json.</summary>
    string Name { get; }

    /// <summary>The kind of sink, as gateway.json writes it.</summary>
    string Type { get; }

    /// <summary>
    /// Takes records with readings, in order, and completes only when they are safe where they are to go. If it throws, it gets
    /// the same batch again, maybe with more behind it: what it had taken before the failure comes twice.
    /// </summary>
    Task WriteAsync(IReadOnlyList<JournalRecord> batch, CancellationToken cancellation);
}
