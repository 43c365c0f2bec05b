namespace Gateway.Sinks;

/// <summary>Messages to an MQTT broker. A message is taken when its PUBACK has come.</summary>
internal sealed class MqttSink(string name, MqttSinkSettings settings, TimeProvider time) : ISink
{
    private readonly MqttMessages _messages = new(settings);

    // Of the one loop that calls. Null until the first message, and after a failure: what is on its way then is not known, so a new
    // connection begins with the first message that has no answer, and the order holds.
    private MqttConnection? _connection;

    public string Name => name;

    public string Type => "mqtt";

    public async Task<Delivery> WriteAsync(IReadOnlyList<SinkMessage> batch, CancellationToken cancellation)
    {
        if (_connection is { IsAlive: false })
        {
            await DisconnectAsync();
        }

        _connection ??= await MqttConnection.OpenAsync(settings, time, cancellation);
        var pipeline = new Pipeline(_connection.Window, TimeSpan.FromSeconds(settings.TimeoutSeconds), time);
        var delivery = await pipeline.RunAsync(batch, SendAsync, cancellation);
        if (delivery.Again.Count > 0)
        {
            await DisconnectAsync();
        }

        return delivery;
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            await connection.LeaveAsync();
            await DisconnectAsync();
        }
    }

    private ValueTask<Task<Outcome>> SendAsync(SinkMessage message, CancellationToken giveUp)
    {
        if (_messages.Of(message) is not { } publication)
        {
            return ValueTask.FromResult(Task.FromResult(Outcome.Refused($"its topic is longer than the {TopicRules.Mqtt.MaxBytes} bytes that MQTT allows")));
        }

        return _connection!.MaxPacket is { } most && MqttMessages.SizeOf(publication) is var size && size > most
            ? ValueTask.FromResult(Task.FromResult(Outcome.Refused($"it makes a packet of {size} bytes, and the broker takes {most}")))
            : ValueTask.FromResult(_connection.PublishAsync(publication, giveUp));
    }

    private ValueTask DisconnectAsync()
    {
        var connection = _connection;
        _connection = null;
        return connection?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
