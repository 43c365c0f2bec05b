namespace Gateway.Coap.Dtls;

/// <summary>How a handshake ended.</summary>
internal enum HandshakeOutcome
{
    Completed,

    /// <summary>Nobody here has a key for the identity.</summary>
    UnknownIdentity,

    /// <summary>The peer has another key for the identity, or has damaged its last messages.</summary>
    WrongKey,

    /// <summary>The peer's certificate or public key is nobody's here, or not valid.</summary>
    BadCertificate,

    /// <summary>The two have no cipher suite, version or required extension in common.</summary>
    NothingInCommon,

    /// <summary>The peer said that it gives up.</summary>
    GivenUpByPeer,

    /// <summary>The peer did not keep to the protocol.</summary>
    Malformed,

    /// <summary>It took too long.</summary>
    TimedOut,

    /// <summary>Something went wrong on this side.</summary>
    Failed,
}
