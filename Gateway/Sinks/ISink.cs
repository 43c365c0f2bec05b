namespace Gateway.Sinks;

/// <summary>A place that messages go to. It is called by one loop, never twice at a time, and connects when it first has to.</summary>
internal interface ISink : IAsyncDisposable
{
    /// <summary>The name in gateway.json.</summary>
    string Name { get; }

    /// <summary>The kind of sink, as gateway.json writes it.</summary>
    string Type { get; }

    /// <summary>
    /// Whether it writes bodies one behind the other, each with a line end, and has done with their memory when <see cref="WriteAsync"/>
    /// completes. Then the readings of a frame come as one message of several lines where nothing has to be told of each, and the memory is
    /// used again for the next batch.
    /// </summary>
    bool TakesLines => false;

    /// <summary>
    /// Delivers messages, and completes when it is known what became of each: taken, that is safe where it was to go; refused for good;
    /// or to be tried again. Of one device's messages none is taken behind one that is to be tried again: so their order is kept.
    /// If it throws, all that it was given is tried again, and what it had delivered before comes twice.
    /// </summary>
    /// <param name="batch">At least one message, in the journal's order.</param>
    /// <param name="cancellation">Ends the delivery at the latest moment of a stop.</param>
    Task<Delivery> WriteAsync(IReadOnlyList<SinkMessage> batch, CancellationToken cancellation);
}
