using Gateway.Sinks;
using NATS.Client.JetStream.Models;

namespace Gateway.Intake;

/// <summary>Says in the words of JetStream what gateway.json says.</summary>
internal static class NatsIntakeConsumer
{
    public static ConsumerConfig Of(NatsIntakeSettings settings) => new(settings.Consumer)
    {
        FilterSubject = Filter(settings),
        AckPolicy = ConsumerConfigAckPolicy.Explicit,
        AckWait = TimeSpan.FromSeconds(settings.AckWaitSeconds),

        // The next message is sent when this one is acknowledged: so the order holds whatever happens in between.
        MaxAckPending = 1,
    };

    /// <summary>The stream that is made when there is none.</summary>
    public static StreamConfig StreamOf(NatsIntakeSettings settings) => new(settings.Stream, [Filter(settings)])
    {
        Storage = StreamConfigStorage.File,
        MaxAge = TimeSpan.FromDays(settings.KeepDays),
    };

    private static string Filter(NatsIntakeSettings settings) => IntakeTopic.Parse(settings.Subject, TopicRules.Nats).Filter("*");
}
