using System.Collections.ObjectModel;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Gateway.Sinks;

namespace Gateway.Intake;

/// <summary>Commands from a topic of Apache Kafka, and of whatever speaks its protocol.</summary>
internal sealed record KafkaIntakeSettings : IntakeSettings, IKafkaCluster
{
    private static readonly ReadOnlyCollection<string> NoServers = new([]);

    [Description("Some brokers of the cluster, as host:port; the others are learnt from them.")]
    public IReadOnlyList<string> Servers { get; init; } = NoServers;

    [Description("Whether connections are secured: none, or tls.")]
    public KafkaSecurity Security { get; init; } = KafkaSecurity.None;

    [Description("TLS, for the security tls.")]
    public TlsSettings Tls { get; init; } = new();

    [Description("Who the gateway is.")]
    public KafkaSaslSettings Sasl { get; init; } = new();

    [Description("The topic that commands come by.")]
    [Required]
    public string Topic { get; init; } = "device_commands";

    [Description("The consumer group, which keeps the intake's place in the topic. What a new group finds there it takes from the beginning.")]
    [Required]
    public string Group { get; init; } = "gateway";

    [Description("The topic of replies, with the device's id as the key; null sends none.")]
    public string? ReplyTopic { get; init; } = "device_command_replies";

    [Description("The name that brokers log and count the gateway under.")]
    [Required]
    public string ClientId { get; init; } = "gateway";

    [Description("How long the brokers may be silent before the connection is given up, in seconds.")]
    [Range(1, 600)]
    public double TimeoutSeconds { get; init; } = 20;

    internal override IntakeSettings WithPaths(Func<string, string> absolute) => this with { Tls = Tls.WithPaths(absolute) };

    internal override IEnumerable<(string Setting, string Problem)> Problems()
    {
        IEnumerable<(string Setting, string? Problem)> own =
        [
            ("topic", string.IsNullOrWhiteSpace(Topic) ? null : KafkaTopicsSettings.Problem(Topic)),
            ("reply_topic", ReplyTopic is null ? null : ReplyTopic == Topic ? "is the topic of commands, so replies would come back as commands" : KafkaTopicsSettings.Problem(ReplyTopic)),
        ];
        return [.. KafkaServers.Problems(this), .. own.Where(found => found.Problem is not null)!];
    }
}
