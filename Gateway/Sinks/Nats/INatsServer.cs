namespace Gateway.Sinks;

/// <summary>How a server of NATS is reached: what everything that speaks to one has in its settings.</summary>
internal interface INatsServer
{
    /// <summary><c>nats://host:4222</c>, or <c>tls://host:4222</c> for TLS.</summary>
    string Url { get; }

    string? User { get; }

    string? Password { get; }

    string? Token { get; }

    string? CredentialsFile { get; }

    string? NkeyFile { get; }

    double TimeoutSeconds { get; }

    TlsSettings Tls { get; }
}
