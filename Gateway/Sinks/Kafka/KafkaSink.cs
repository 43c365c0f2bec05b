using Confluent.Kafka;

namespace Gateway.Sinks;

/// <summary>Messages to Kafka. A message is taken when all brokers that are in step have it.</summary>
internal sealed class KafkaSink(string name, KafkaSinkSettings settings, TimeProvider time, ILogger logger) : ISink
{
    private const string TypeName = "kafka";

    private readonly TimeSpan _patience = TimeSpan.FromSeconds(settings.TimeoutSeconds);
    private readonly KafkaLog _log = new(name, TypeName, time, logger);

    // Null until the first message, and after a failure: then a new one begins with the first message that has no answer, and the order
    // holds. Exchanged, for a sink may be disposed of while it still writes.
    private KafkaProducer? _producer;

    // Whether the broker has refused messages that were sent together. Set by librdkafka's answers.
    private volatile bool _blames;

    public string Name => name;

    public string Type => TypeName;

    public async Task<Delivery> WriteAsync(IReadOnlyList<SinkMessage> batch, CancellationToken cancellation)
    {
        var refused = new List<Refusal>();
        var delivery = await SendAsync(batch, window: batch.Count, cancellation);

        // Which one it is can't be told, so they go one by one. The first that is refused ends the producer, and the rest has a new one.
        while (_blames)
        {
            refused.AddRange(delivery.Refused);
            delivery = await SendAsync(delivery.Again, window: 1, cancellation);
        }

        return delivery with { Refused = [.. refused, .. delivery.Refused] };
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _producer, null) is { } producer)
        {
            await producer.DisposeAsync();
        }
    }

    private async Task<Delivery> SendAsync(IReadOnlyList<SinkMessage> messages, int window, CancellationToken cancellation)
    {
        _blames = false;
        if (messages.Count == 0)
        {
            return Delivery.AllTaken;
        }

        var producer = _producer ??= new KafkaProducer(settings, _log);
        producer.LastError = null;
        var whole = false;
        try
        {
            var delivery = await new Pipeline(window, _patience, time).RunAsync(
                messages, (message, giveUp) => ValueTask.FromResult(SendAsync(producer, message, window == 1, giveUp)), cancellation);
            whole = delivery.Again.Count == 0 && !_blames;
            return delivery.Problem is null || producer.LastError is not { } error ? delivery : delivery with { Problem = $"{delivery.Problem}; the last error was: {error}" };
        }
        finally
        {
            if (!whole)
            {
                await DisposeAsync();
            }
        }
    }

    private async Task<Outcome> SendAsync(KafkaProducer producer, SinkMessage message, bool alone, CancellationToken giveUp)
    {
        try
        {
            var answer = await producer.Send(message).WaitAsync(giveUp);
            _blames |= KafkaErrors.Blames(answer.Code);
            return KafkaErrors.OutcomeOf(answer, alone);
        }
        catch (ProduceException<byte[]?, byte[]> exception) when (exception.Error.Code is ErrorCode.MsgSizeTooLarge)
        {
            // librdkafka itself finds it too long, whatever it would be sent with.
            return Outcome.Refused($"it is longer than the option message.max.bytes allows: {exception.Error.Reason}");
        }
    }
}
