using System.Collections.ObjectModel;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Gateway.Sinks;

namespace Gateway.Intake;

/// <summary>Commands from an MQTT broker, with QoS 1 and a session that the broker keeps.</summary>
internal sealed record MqttIntakeSettings : IntakeSettings, IMqttServer
{
    private static readonly ReadOnlyCollection<string> DefaultTopics = new(["devices/{device_id}/commands", "commands"]);

    [Description("The broker: mqtt://host:1883, or mqtts://host:8883 for TLS. Without a port it is 1883 or 8883.")]
    [Required]
    public string Url { get; init; } = "";

    [Description("The version of MQTT: v5, or v311 for 3.1.1.")]
    public MqttVersion Version { get; init; } = MqttVersion.V5;

    [Description("The topics that commands come by. {device_id}, as a whole level, stands for any device, which the command then need not name.")]
    [MinLength(1)]
    public IReadOnlyList<string> Topics { get; init; } = DefaultTopics;

    [Description("The topic of replies, with {device_id} where the device's id is to stand; null sends replies only to those who name a topic of their own (MQTT 5).")]
    public string? ReplyTopic { get; init; } = "devices/{device_id}/commands/status";

    [Description("The client identifier, which the broker keeps the session by. No other client of the broker may have it.")]
    [Required]
    public string ClientId { get; init; } = "";

    [Description("How long the broker keeps the session, and the commands that come meanwhile, while the gateway is away, in seconds; for 3.1.1 the broker decides.")]
    [Range(60, int.MaxValue)]
    public int SessionExpirySeconds { get; init; } = 604_800;

    [Description("The user's name; null for none.")]
    public string? User { get; init; }

    [Description("The user's password; ${NAME} takes it from the environment.")]
    [PasswordPropertyText(true)]
    public string? Password { get; init; }

    [Description("How many messages the broker may send before the first is acknowledged; for 3.1.1 the broker decides.")]
    [Range(1, 65_535)]
    public int MaxInFlight { get; init; } = 20;

    [Description("How often the connection is tried when nothing is sent, in seconds.")]
    [Range(5, 3600)]
    public int KeepAliveSeconds { get; init; } = 30;

    [Description("How long the broker may be silent before the connection is given up, in seconds.")]
    [Range(1, 600)]
    public double TimeoutSeconds { get; init; } = 20;

    [Description("TLS, for mqtts.")]
    public TlsSettings Tls { get; init; } = new();

    internal override IntakeSettings WithPaths(Func<string, string> absolute) => this with { Tls = Tls.WithPaths(absolute) };

    internal override IEnumerable<(string Setting, string Problem)> Problems()
    {
        IEnumerable<(string Setting, string? Problem)> own =
        [
            .. MqttOptions.Problems(this),
            .. Topics.Select((topic, index) => ($"topics[{index}]", IntakeTopic.Problem(topic, TopicRules.Mqtt))),
            ("reply_topic", ReplyTopic is null ? null : IntakeTopic.Problem(ReplyTopic, TopicRules.Mqtt) ?? Echo(ReplyTopic)),
        ];
        return [.. own.Where(found => found.Problem is not null)!, .. Tls.Problems()];
    }

    // The gateway would take its own replies for commands, and reply to them.
    private string? Echo(string reply) => Topics.FirstOrDefault(topic =>
        IntakeTopic.Problem(topic, TopicRules.Mqtt) is null && IntakeTopic.Parse(topic, TopicRules.Mqtt).Matches(IntakeTopic.Parse(reply, TopicRules.Mqtt).Of("x")!, out _)) is { } topic
        ? $"is among the topics of {topic}, so replies would come back as commands"
        : null;
}
