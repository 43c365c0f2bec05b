namespace Gateway.Intake;

/// <summary>Makes the intakes that gateway.json names.</summary>
internal static class IntakeFactory
{
    /// <summary>One intake. It connects to nothing yet.</summary>
    public static IIntakeSource Create(string name, IntakeSettings settings, TimeProvider time, ILogger logger) => settings switch
    {
        MqttIntakeSettings mqtt => new MqttIntakeSource(name, mqtt, time, logger),
        NatsIntakeSettings nats => new NatsIntakeSource(name, nats, time, logger),
        KafkaIntakeSettings kafka => new KafkaIntakeSource(name, kafka, time, logger),
        _ => throw new NotSupportedException($"intake.{name}: there is no intake for {settings.GetType().Name}"),
    };
}
