using MQTTnet;

namespace Gateway.Intake;

/// <summary>A message that a broker of MQTT has sent, and that has no PUBACK yet.</summary>
/// <param name="topic">The topic that it was published to.</param>
/// <param name="body">A copy of its bytes: the client's own buffer is used again for the next packet.</param>
/// <param name="received">The client's own word for it.</param>
internal sealed class MqttArrival(string topic, byte[] body, MqttApplicationMessageReceivedEventArgs received)
{
    /// <summary>The topic that it was published to.</summary>
    public string Topic => topic;

    /// <summary>Its bytes.</summary>
    public ReadOnlyMemory<byte> Body => body;

    /// <summary>Whether the broker had it before the subscription.</summary>
    public bool IsRetained { get; } = received.ApplicationMessage.Retain;

    /// <summary>Where the sender waits for a reply (MQTT 5); null where it does not say.</summary>
    public string? ResponseTopic { get; } = received.ApplicationMessage.ResponseTopic;

    /// <summary>What the sender knows the reply by (MQTT 5); null for nothing.</summary>
    public byte[]? CorrelationData { get; } = received.ApplicationMessage.CorrelationData;

    /// <summary>Sends the PUBACK.</summary>
    public Task AcknowledgeAsync(CancellationToken cancellation) => received.AcknowledgeAsync(cancellation);
}
