using Confluent.Kafka;

namespace Gateway.Sinks;

/// <summary>
/// One producer of librdkafka, which connects and tries again by itself. After a failure it is never used again: what it still has then is
/// dropped, so that nothing comes behind what the next one sends.
/// </summary>
internal sealed class KafkaProducer : IAsyncDisposable
{
    // Dropped messages are reported at once; this is for a machine that is busy.
    private static readonly TimeSpan ReportTime = TimeSpan.FromSeconds(5);

    private readonly IProducer<byte[]?, byte[]> _producer;
    private readonly KafkaTopicsSettings _topics;

    // Written by librdkafka's threads too.
    private volatile string? _lastError;

    /// <exception cref="InvalidOperationException">librdkafka does not take the settings, such as a certificate that can't be read.</exception>
    public KafkaProducer(KafkaSinkSettings settings, KafkaLog log)
    {
        _topics = settings.Topics;
        _producer = new ProducerBuilder<byte[]?, byte[]>(KafkaOptions.Of(settings))
            .SetLogHandler((_, message) => log.Say(message))
            .SetErrorHandler((_, error) => Remember(error))
            .Build();
    }

    /// <summary>The last thing that went wrong between librdkafka and the brokers; null when nothing has. Whoever sends may forget it.</summary>
    public string? LastError
    {
        get => _lastError;
        set => _lastError = value;
    }

    /// <summary>Puts a message behind the one before it. The task that it gives has the broker's answer.</summary>
    /// <exception cref="ProduceException{TKey, TValue}">librdkafka did not take it.</exception>
    public Task<Error> Send(SinkMessage message)
    {
        var answer = new TaskCompletionSource<Error>(TaskCreationOptions.RunContinuationsAsynchronously);
        _producer.Produce(_topics.Of(message.Kind), KafkaMessages.Of(message), report => answer.TrySetResult(report.Error));
        return answer.Task;
    }

    /// <summary>Ends it, and all that it has not brought to its end.</summary>
    public async ValueTask DisposeAsync() => await Task.Run(Dispose);

    // Waits for librdkafka's threads.
    private void Dispose()
    {
        using (_producer)
        {
            KafkaNative.Purge(_producer.Handle);
            _producer.Flush(ReportTime);
        }
    }

    // That all brokers are away follows from the errors before it, which say more.
    private void Remember(Error error)
    {
        if (error.Code is not ErrorCode.Local_AllBrokersDown)
        {
            _lastError = error.Reason;
        }
    }
}
