using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Gateway.Sinks;

namespace Gateway.Intake;

/// <summary>One of the <c>intake</c> of gateway.json: a broker that commands come from. What all kinds have in common.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(MqttIntakeSettings), "mqtt")]
[JsonDerivedType(typeof(NatsIntakeSettings), "nats")]
[JsonDerivedType(typeof(KafkaIntakeSettings), "kafka")]
internal abstract record IntakeSettings
{
    [Description("Whether the intake is used. What comes while it is switched off waits with the broker.")]
    public bool Enabled { get; init; } = true;

    [Description("When a message is tried again that can't be taken now, and a connection that was lost.")]
    public IntakeRetrySettings Retry { get; init; } = new();

    [Description("How long a command waits for a script that has no working version, in seconds, before it becomes a dead letter. What is behind it waits too.")]
    [Range(0, 86_400)]
    public double ScriptWaitSeconds { get; init; } = 60;

    /// <summary>The settings with absolute paths.</summary>
    internal abstract IntakeSettings WithPaths(Func<string, string> absolute);

    /// <summary>What is wrong with the settings beyond types and ranges: the setting's path below the intake, and what would be right.</summary>
    internal abstract IEnumerable<(string Setting, string Problem)> Problems();
}

/// <summary>The <c>retry</c> of an intake.</summary>
internal sealed record IntakeRetrySettings
{
    [Description("About how long to wait after the first failure, in seconds; after each further one about twice as long, up to the longest.")]
    [Range(0.01, 60)]
    public double FirstWaitSeconds { get; init; } = 0.5;

    [Description("How long to wait at most, in seconds.")]
    [Range(0.01, 60)]
    public double LongestWaitSeconds { get; init; } = 30;

    /// <summary>The same for Polly, as the sinks have it.</summary>
    internal SinkRetrySettings ForPolly => new() { FirstWaitSeconds = FirstWaitSeconds, LongestWaitSeconds = LongestWaitSeconds };
}
