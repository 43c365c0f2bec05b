namespace Gateway.Sinks;

/// <summary>How a user proves who it is, as gateway.json names it.</summary>
internal enum KafkaSaslMechanism
{
    /// <summary>By telling the password.</summary>
    Plain,

    /// <summary>SCRAM with SHA-256 (RFC 7677).</summary>
    ScramSha256,

    /// <summary>SCRAM with SHA-512.</summary>
    ScramSha512,
}
