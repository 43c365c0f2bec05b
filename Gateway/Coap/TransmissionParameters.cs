namespace Gateway.Coap;

/// <summary>How patient a sender is (RFC 7252 §4.8), and what follows from it (§4.8.2).</summary>
internal sealed record TransmissionParameters
{
    public static readonly TransmissionParameters Default = new();

    public TimeSpan AckTimeout { get; init; } = TimeSpan.FromSeconds(2);

    public double AckRandomFactor { get; init; } = 1.5;

    public int MaxRetransmit { get; init; } = 4;

    /// <summary>NSTART: how many CONs to one peer may wait for their acknowledgements at a time (RFC 7252 §4.7).</summary>
    public int Nstart { get; init; } = 1;

    /// <summary>How long to wait for an answer once the request is acknowledged by an empty ACK, or, for a NON, was sent. The RFC leaves it open.</summary>
    public TimeSpan SeparateTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a datagram may be under way: RFC 7252 §4.8.2 assumes it, after TCP's maximum segment lifetime.</summary>
    public TimeSpan MaxLatency { get; init; } = TimeSpan.FromSeconds(100);

    public TimeSpan ProcessingDelay => AckTimeout;

    /// <summary>From the first sending of a CON to its last retransmission: 45 s.</summary>
    public TimeSpan MaxTransmitSpan => AckTimeout * (Math.Pow(2, MaxRetransmit) - 1) * AckRandomFactor;

    /// <summary>From the first sending of a CON until its sender gives up waiting: 93 s.</summary>
    public TimeSpan MaxTransmitWait => AckTimeout * (Math.Pow(2, MaxRetransmit + 1) - 1) * AckRandomFactor;

    /// <summary>How long the message ID of a CON must not be used for something else: 247 s.</summary>
    public TimeSpan ExchangeLifetime => MaxTransmitSpan + (2 * MaxLatency) + ProcessingDelay;

    /// <summary>How long the message ID of a NON must not be used for something else: 145 s.</summary>
    public TimeSpan NonLifetime => MaxTransmitSpan + MaxLatency;

    /// <summary>How long to wait for the first acknowledgement: between ACK_TIMEOUT and that times ACK_RANDOM_FACTOR (RFC 7252 §4.2).</summary>
    public TimeSpan FirstTimeout(Random random) => AckTimeout * (1 + ((AckRandomFactor - 1) * random.NextDouble()));
}
