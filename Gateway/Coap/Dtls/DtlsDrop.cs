namespace Gateway.Coap.Dtls;

/// <summary>Why a datagram or a record was dropped without a word.</summary>
internal enum DtlsDrop
{
    /// <summary>It is no DTLS 1.2 record.</summary>
    Malformed,

    /// <summary>It belongs to no session and no handshake that is known here.</summary>
    UnknownSession,

    /// <summary>It has come before, or is older than can be told.</summary>
    Replayed,

    /// <summary>It is not what the session's peer has written.</summary>
    Forged,

    /// <summary>It came from a prefix that sends forged ones, and not from where the session's peer is.</summary>
    HeldBack,

    /// <summary>The session is from before the gateway's unforeseen end, and its peer has not shown yet that it sends this now.</summary>
    Unproven,

    /// <summary>Too many handshakes were begun lately.</summary>
    HandshakeRate,

    /// <summary>An answer was too long for its peer, or its session is gone or worn out.</summary>
    Unsendable,
}
