namespace Gateway.Sinks;

/// <summary>How the connections are secured, as gateway.json names it.</summary>
internal enum KafkaSecurity
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>TLS.</summary>
    Tls,
}
