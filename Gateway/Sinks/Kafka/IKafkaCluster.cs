namespace Gateway.Sinks;

/// <summary>How a cluster of Kafka is reached: what everything that speaks to one has in its settings.</summary>
internal interface IKafkaCluster
{
    /// <summary>Some brokers, as host:port.</summary>
    IReadOnlyList<string> Servers { get; }

    KafkaSecurity Security { get; }

    TlsSettings Tls { get; }

    KafkaSaslSettings Sasl { get; }

    string ClientId { get; }

    double TimeoutSeconds { get; }
}
