namespace Gateway.Sinks;

/// <summary>Messages to a stream of NATS JetStream. A message is taken when the stream's acknowledgement has come.</summary>
internal sealed class NatsSink(string name, NatsSinkSettings settings, TimeProvider time) : ISink
{
    private readonly TopicTemplate _template = settings.Template;

    // Of the one loop that calls. Null until the first message, and after a failure: what is on its way then is not known, so a new
    // connection begins with the first message that has no answer, and the order holds.
    private JetStreamConnection? _connection;

    public string Name => name;

    public string Type => "nats";

    public async Task<Delivery> WriteAsync(IReadOnlyList<SinkMessage> batch, CancellationToken cancellation)
    {
        if (_connection is { IsAlive: false })
        {
            await DisconnectAsync();
        }

        _connection ??= await JetStreamConnection.OpenAsync(settings, time, cancellation);
        _connection.Begin();
        var pipeline = new Pipeline(settings.MaxInFlight, TimeSpan.FromSeconds(settings.TimeoutSeconds), time);
        var delivery = await pipeline.RunAsync(batch, SendAsync, cancellation);
        if (delivery.Again.Count > 0)
        {
            await DisconnectAsync();
        }

        return delivery;
    }

    public ValueTask DisposeAsync() => DisconnectAsync();

    private ValueTask<Task<Outcome>> SendAsync(SinkMessage message, CancellationToken giveUp) => _template.For(message) is { } subject
        ? _connection!.PublishAsync(subject, message, giveUp)
        : ValueTask.FromResult(Task.FromResult(Outcome.Refused($"its subject is longer than the {TopicRules.Nats.MaxBytes} bytes that a server takes")));

    private ValueTask DisconnectAsync()
    {
        var connection = _connection;
        _connection = null;
        return connection?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
