using System.Collections.ObjectModel;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Sinks;

/// <summary>Messages to Apache Kafka, and to whatever speaks its protocol.</summary>
internal sealed record KafkaSinkSettings : SinkSettings, IKafkaCluster
{
    private static readonly ReadOnlyDictionary<string, string> NoOptions = new(new Dictionary<string, string>());
    private static readonly ReadOnlyCollection<string> NoServers = new([]);

    [Description("Some brokers of the cluster, as host:port; the others are learnt from them.")]
    public IReadOnlyList<string> Servers { get; init; } = NoServers;

    [Description("Whether connections are secured: none, or tls.")]
    public KafkaSecurity Security { get; init; } = KafkaSecurity.None;

    [Description("TLS, for the security tls.")]
    public TlsSettings Tls { get; init; } = new();

    [Description("Who the gateway is.")]
    public KafkaSaslSettings Sasl { get; init; } = new();

    [Description("Where messages go, by their kind.")]
    public KafkaTopicsSettings Topics { get; init; } = new();

    [Description("The name that brokers log and count the gateway under.")]
    [Required]
    public string ClientId { get; init; } = "gateway";

    [Description("How batches are compressed: none, gzip, snappy, lz4 or zstd.")]
    public KafkaCompression Compression { get; init; } = KafkaCompression.Lz4;

    [Description("How long the brokers may be silent before the connection is given up, in seconds.")]
    [Range(1, 600)]
    public double TimeoutSeconds { get; init; } = 20;

    [Description("Further settings of librdkafka by its own names: {\"linger.ms\": \"20\"}. Those that keep messages safe and in order can't be changed.")]
    public IReadOnlyDictionary<string, string> Options { get; init; } = NoOptions;

    internal override SinkSettings WithPaths(Func<string, string> absolute) => this with { Tls = Tls.WithPaths(absolute) };

    internal override IEnumerable<(string Setting, string Problem)> Problems() =>
        [.. base.Problems(), .. KafkaServers.Problems(this), .. Topics.Problems(), .. KafkaOptions.Problems(this)];
}
