using System.ComponentModel;

namespace Gateway.Sinks;

/// <summary>The <c>will</c> of an MQTT sink: how others see whether it is there.</summary>
internal sealed record MqttWillSettings
{
    [Description("The topic that says whether the sink is connected; its messages are retained. Null says it nowhere.")]
    public string? Topic { get; init; }

    [Description("What is said when the sink has connected.")]
    public string Online { get; init; } = "online";

    [Description("What is said when it leaves; the server says it in its place when it is lost.")]
    public string Offline { get; init; } = "offline";

    public IEnumerable<(string Setting, string Problem)> Problems()
    {
        // A topic without variables is a template too.
        var problem = Topic is null ? null
            : Topic.Contains('{', StringComparison.Ordinal) ? "takes no variables: it is the sink's, not a device's"
            : TopicTemplate.Problem(Topic, TopicRules.Mqtt);
        return problem is null ? [] : [("will.topic", problem)];
    }
}
