namespace Gateway.Coap;

/// <summary>Why a <see cref="CoapClient"/> has no answer.</summary>
internal enum CoapClientError
{
    NameNotFound,
    Unreachable,
    Rejected,
    TimedOut,

    /// <summary>Too many requests are in work already.</summary>
    Busy,

    /// <summary>The client was closed.</summary>
    Closed,

    /// <summary>The answers that came don't make one, or the body can't be sent in blocks.</summary>
    Incomplete,

    /// <summary>The two sides have no DTLS session: the server refused, or this side did.</summary>
    HandshakeFailed,

    /// <summary>The server ended the DTLS session before it answered.</summary>
    SessionEnded,
}

/// <summary>Thrown by a <see cref="CoapClient"/> that got no answer; the message says why, for a person.</summary>
internal sealed class CoapClientException(CoapClientError error, string message, Exception? inner = null) : Exception(message, inner)
{
    public CoapClientError Error { get; } = error;
}
