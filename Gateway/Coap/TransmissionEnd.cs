namespace Gateway.Coap;

/// <summary>How a CON of ours ended.</summary>
internal enum TransmissionEnd
{
    /// <summary>The peer has it.</summary>
    Acknowledged,

    /// <summary>The peer has it, and can do nothing with it (RFC 7252 §4.2).</summary>
    Reset,

    /// <summary>Nothing came back, however often it was sent.</summary>
    GivenUp,

    /// <summary>It never went out, or the outbox was closed while it waited.</summary>
    Dropped,
}
