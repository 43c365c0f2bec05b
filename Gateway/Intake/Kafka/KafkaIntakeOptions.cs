using Confluent.Kafka;
using Gateway.Sinks;

namespace Gateway.Intake;

/// <summary>Says in librdkafka's words what gateway.json says of an intake.</summary>
internal static class KafkaIntakeOptions
{
    // For so long the group waits for a gateway that is gone without a word, and a new one with it; librdkafka's own 45 s is longer than
    // the patience of who has just started one.
    private const int SessionTimeoutMilliseconds = 15_000;

    // Beside the message in hand there is no use for many.
    private const int MaxQueuedKilobytes = 4096;

    public static ConsumerConfig Consumer(KafkaIntakeSettings settings)
    {
        var options = new ConsumerConfig
        {
            GroupId = settings.Group,

            // What is not on disk is never committed; and a new group has all that waits.
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            SessionTimeoutMs = SessionTimeoutMilliseconds,
            QueuedMaxMessagesKbytes = MaxQueuedKilobytes,
            ReconnectBackoffMaxMs = 2000,
        };
        KafkaServers.Reach(options, settings);
        return options;
    }

    public static ProducerConfig Producer(KafkaIntakeSettings settings)
    {
        var options = new ProducerConfig
        {
            Acks = Acks.All,
            Partitioner = Partitioner.Murmur2Random,
            LingerMs = 0,
            MessageTimeoutMs = (int)TimeSpan.FromSeconds(settings.TimeoutSeconds).TotalMilliseconds,
            ReconnectBackoffMaxMs = 2000,
        };
        KafkaServers.Reach(options, settings);
        return options;
    }
}
