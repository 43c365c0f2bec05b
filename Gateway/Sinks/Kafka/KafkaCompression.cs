namespace Gateway.Sinks;

/// <summary>How batches are compressed, as gateway.json names it.</summary>
internal enum KafkaCompression
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Every broker knows it.</summary>
    Gzip,

    /// <summary>Every broker knows it.</summary>
    Snappy,

    /// <summary>Brokers since 0.10.</summary>
    Lz4,

    /// <summary>Brokers since 2.1.</summary>
    Zstd,
}
