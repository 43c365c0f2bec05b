namespace Gateway.Sinks;

/// <summary>How a broker of MQTT is reached: what everything that speaks to one has in its settings.</summary>
internal interface IMqttServer
{
    /// <summary><c>mqtt://host:1883</c>, or <c>mqtts://host:8883</c> for TLS.</summary>
    string Url { get; }

    MqttVersion Version { get; }

    string? User { get; }

    string? Password { get; }

    int KeepAliveSeconds { get; }

    double TimeoutSeconds { get; }

    TlsSettings Tls { get; }
}
