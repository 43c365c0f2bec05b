using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Sinks;

/// <summary>Messages to an MQTT broker, with QoS 1.</summary>
internal sealed record MqttSinkSettings : SinkSettings, IMqttServer
{
    [Description("The broker: mqtt://host:1883, or mqtts://host:8883 for TLS. Without a port it is 1883 or 8883.")]
    [Required]
    public string Url { get; init; } = "";

    [Description("The version of MQTT: v5, or v311 for 3.1.1.")]
    public MqttVersion Version { get; init; } = MqttVersion.V5;

    [Description("The topic of a message: a template with the variables {device_id}, {index}, {profile}, {kind}, {label} and {label...}.")]
    [Required]
    public string Topic { get; init; } = "devices/{device_id}/readings/{index}";

    [Description("Whether the broker keeps the last message of each topic for who subscribes later.")]
    public bool Retain { get; init; }

    [Description("The user's name; null for none.")]
    public string? User { get; init; }

    [Description("The user's password; ${NAME} takes it from the environment.")]
    [PasswordPropertyText(true)]
    public string? Password { get; init; }

    [Description("The client identifier, which no other client of the broker may have; null makes one up at each start.")]
    public string? ClientId { get; init; }

    [Description("How many messages may be on their way before the broker has answered the first. A broker of MQTT 5 may ask for fewer.")]
    [Range(1, 65_535)]
    public int MaxInFlight { get; init; } = 100;

    [Description("How often the connection is tried when nothing is sent, in seconds.")]
    [Range(5, 3600)]
    public int KeepAliveSeconds { get; init; } = 30;

    [Description("How long the broker may be silent before the connection is given up, in seconds.")]
    [Range(1, 600)]
    public double TimeoutSeconds { get; init; } = 20;

    [Description("TLS, for mqtts.")]
    public TlsSettings Tls { get; init; } = new();

    [Description("How others see whether the sink is connected.")]
    public MqttWillSettings Will { get; init; } = new();

    // User properties carry the id too, but a subscriber of MQTT 3.1.1 does not get those.
    internal override bool IdsInBody => true;

    internal override bool PacksByIndex => TopicTemplate.Problem(Topic, TopicRules.Mqtt) is null && Template.Has(TopicVariable.Index);

    internal TopicTemplate Template => TopicTemplate.Parse(Topic, TopicRules.Mqtt);

    internal override SinkSettings WithPaths(Func<string, string> absolute) => this with { Tls = Tls.WithPaths(absolute) };

    internal override IEnumerable<(string Setting, string Problem)> Problems()
    {
        IEnumerable<(string Setting, string? Problem)> own =
        [
            .. MqttOptions.Problems(this),
            ("topic", string.IsNullOrWhiteSpace(Topic) ? null : TopicTemplate.Problem(Topic, TopicRules.Mqtt)),
        ];
        return [.. base.Problems(), .. own.Where(found => found.Problem is not null)!, .. Tls.Problems(), .. Will.Problems()];
    }
}
