namespace Gateway.Coap;

/// <summary>One option of a message.</summary>
internal readonly record struct CoapOption(int Number, ReadOnlyMemory<byte> Value);
