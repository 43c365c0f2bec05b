namespace Gateway.Coap;

/// <summary>A message as it stands in one datagram (RFC 7252 §3). It owns its bytes, so it may be kept.</summary>
internal sealed record CoapMessage(MessageType Type, CoapCode Code, MessageId Id)
{
    public Token Token { get; init; }

    /// <summary>The options; a decoded message has them in the order of their numbers, one that is to be encoded may have them in any.</summary>
    public IReadOnlyList<CoapOption> Options { get; init; } = [];

    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>An acknowledgement that only says "received" (RFC 7252 §4.2).</summary>
    public static CoapMessage EmptyAcknowledgement(MessageId id) => new(MessageType.Acknowledgement, CoapCode.Empty, id);

    /// <summary>"Received, but I can do nothing with it" (RFC 7252 §4.2).</summary>
    public static CoapMessage Reset(MessageId id) => new(MessageType.Reset, CoapCode.Empty, id);
}
