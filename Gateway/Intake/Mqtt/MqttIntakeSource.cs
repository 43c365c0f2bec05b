using Gateway.Sinks;

namespace Gateway.Intake;

/// <summary>Commands from an MQTT broker. PUBACK goes out when a message is settled.</summary>
internal sealed class MqttIntakeSource(string name, MqttIntakeSettings settings, TimeProvider time, ILogger logger) : IIntakeSource
{
    private readonly IntakeTopic[] _topics = [.. settings.Topics.Select(topic => IntakeTopic.Parse(topic, TopicRules.Mqtt))];
    private readonly IntakeTopic? _replyTopic = settings.ReplyTopic is { } topic ? IntakeTopic.Parse(topic, TopicRules.Mqtt) : null;

    // Of the one loop that calls.
    private MqttIntakeConnection? _connection;
    private MqttArrival? _arrival;

    public string Name => name;

    public string Type => "mqtt";

    public async Task ConnectAsync(CancellationToken cancellation)
    {
        if (_connection is not { IsAlive: true })
        {
            await DisconnectAsync();
            _connection = await MqttIntakeConnection.OpenAsync(settings, [.. _topics.Select(topic => topic.Filter("+"))], time, cancellation);
        }
    }

    public async Task<IntakeMessage> ReceiveAsync(CancellationToken cancellation)
    {
        _arrival = await _connection!.ReceiveAsync(cancellation);
        string? device = null;
        _ = _topics.Any(topic => topic.Matches(_arrival.Topic, out device));
        return new IntakeMessage(_arrival.Body, $"topic {_arrival.Topic}") { DeviceId = device, IsRetained = _arrival.IsRetained };
    }

    public Task<bool> HoldAsync(CancellationToken cancellation) => Task.FromResult(_connection is { IsAlive: true });

    public async Task SettleAsync(IntakeAnswer answer, CancellationToken cancellation)
    {
        if (answer.Reply is { } reply && ReplyTopicOf(_arrival!, answer) is { } topic)
        {
            var outcome = await _connection!.PublishAsync(topic, reply, _arrival!.CorrelationData, cancellation);
            if (outcome is { } refusal)
            {
                logger.NotReplied(name, Type, topic, refusal);
            }
        }

        await _arrival!.AcknowledgeAsync(cancellation);
    }

    public async ValueTask DisconnectAsync()
    {
        var connection = _connection;
        (_connection, _arrival) = (null, null);
        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }

    public ValueTask DisposeAsync() => DisconnectAsync();

    // MQTT 5 §4.10: who asks names the topic. Whatever can't be one, or would come back as a command, is none.
    private string? ReplyTopicOf(MqttArrival arrival, IntakeAnswer answer) =>
        arrival.ResponseTopic is { Length: > 0 } wanted && TopicTemplate.Problem(wanted, TopicRules.Mqtt) is null && !_topics.Any(topic => topic.Matches(wanted, out _))
            ? wanted
            : _replyTopic?.Of(answer.DeviceId);
}
