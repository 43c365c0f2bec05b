namespace Gateway.Coap;

/// <summary>An address can't be listened on. The message says which, why, and what to do.</summary>
internal sealed class CoapBindException(string message, Exception? inner = null) : Exception(message, inner);
