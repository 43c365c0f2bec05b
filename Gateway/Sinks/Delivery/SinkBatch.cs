namespace Gateway.Sinks;

/// <summary>Messages on their way to a sink, and what is left of them after each try. Of one loop.</summary>
/// <param name="messages">Filtered and formatted, in order; maybe none.</param>
/// <param name="end">How far the cursor moves when the batch is done with.</param>
internal sealed class SinkBatch(IReadOnlyList<SinkMessage> messages, long end)
{
    public long End => end;

    /// <summary>The dead letters that it is of, which are offered again; null when it is of the journal.</summary>
    public LetterBatch? Letters { get; init; }

    /// <summary>What is still to be delivered.</summary>
    public IReadOnlyList<SinkMessage> Messages { get; private set; } = messages;

    /// <summary>What is refused, and not yet on disk as a dead letter.</summary>
    public IReadOnlyList<Refusal> Refused { get; private set; } = [];

    /// <summary>How often its delivery has failed.</summary>
    public int Failures { get; set; }

    /// <summary>The outcome of a try. Answers how many readings were taken.</summary>
    public int Settle(Delivery delivery)
    {
        var taken = Messages.Sum(message => message.Readings)
            - delivery.Again.Sum(message => message.Readings)
            - delivery.Refused.Sum(refusal => refusal.Message.Readings);
        (Messages, Refused) = (delivery.Again, [.. Refused, .. delivery.Refused]);
        return taken;
    }

    public void DeadLettersAreSafe() => Refused = [];
}
