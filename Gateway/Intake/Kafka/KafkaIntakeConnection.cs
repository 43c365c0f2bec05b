using System.Text;
using Confluent.Kafka;
using Gateway.Sinks;

namespace Gateway.Intake;

/// <summary>
/// A member of the consumer group, and a producer for the replies. librdkafka connects again by itself, so while the brokers are away this
/// stays the member that it is: they would wait for one that left without their knowing. Of one loop, one call at a time.
/// </summary>
internal sealed class KafkaIntakeConnection : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(5);

    private readonly IConsumer<byte[]?, byte[]?> _consumer;
    private readonly IProducer<byte[]?, byte[]>? _producer;
    private readonly KafkaIntakeSettings _settings;
    private readonly TimeProvider _time;

    // What came while the place in the group was waited for.
    private ConsumeResult<byte[]?, byte[]?>? _early;
    private bool _assigned;

    // Written by librdkafka's threads too.
    private volatile string? _lastError;
    private volatile bool _allDown;

    private KafkaIntakeConnection(KafkaIntakeSettings settings, TimeProvider time, KafkaLog log)
    {
        (_settings, _time) = (settings, time);
        _consumer = new ConsumerBuilder<byte[]?, byte[]?>(KafkaIntakeOptions.Consumer(settings))
            .SetLogHandler((_, message) => log.Say(message))
            .SetErrorHandler((_, error) => Remember(error))
            .SetPartitionsAssignedHandler((_, _) => _assigned = true)
            .SetPartitionsRevokedHandler((_, _) => Moved = true)
            .SetPartitionsLostHandler((_, _) => Moved = true)
            .Build();
        _producer = settings.ReplyTopic is null ? null : new ProducerBuilder<byte[]?, byte[]>(KafkaIntakeOptions.Producer(settings))
            .SetLogHandler((_, message) => log.Say(message))
            .SetErrorHandler((_, error) => Remember(error))
            .Build();
    }

    /// <summary>Whether partitions went to another member: a message in hand may be that one's now.</summary>
    public bool Moved { get; private set; }

    /// <summary>Whether no broker could be reached when that was last tried.</summary>
    public bool IsDown => _allDown;

    /// <summary>Joins the group, and waits until it has its place there.</summary>
    /// <exception cref="IOException">No broker can be reached, or the topic is not there.</exception>
    public static async Task<KafkaIntakeConnection> OpenAsync(KafkaIntakeSettings settings, TimeProvider time, KafkaLog log, CancellationToken cancellation)
    {
        var connection = new KafkaIntakeConnection(settings, time, log);
        try
        {
            await Task.Run(() => connection.Join(cancellation), cancellation);
            return connection;
        }
        catch (Exception)
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>The next message. It waits on a thread of the pool, as librdkafka has no other way.</summary>
    public Task<ConsumeResult<byte[]?, byte[]?>> ReceiveAsync(CancellationToken cancellation) => Task.Run(
        () =>
        {
            Moved = false;
            if (_early is { } early)
            {
                _early = null;
                return early;
            }

            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                if (_consumer.Consume(Look) is { } message)
                {
                    return message;
                }

                Check();
            }
        },
        cancellation);

    /// <summary>Tells the group that this member is still there; false when its partitions went to another one.</summary>
    public Task<bool> HoldAsync(CancellationToken cancellation) => Task.Run(
        () =>
        {
            Hold();
            return !Moved;
        },
        cancellation);

    /// <summary>Sees whether brokers that were away are back.</summary>
    /// <exception cref="IOException">They are not.</exception>
    public Task CheckAsync(CancellationToken cancellation) => Task.Run(
        () =>
        {
            if (IsDown)
            {
                Hold();
                Check();
            }
        },
        cancellation);

    /// <summary>Goes back to a message that was received last and is not committed: it comes again.</summary>
    public Task ReturnAsync(ConsumeResult<byte[]?, byte[]?> message) => Task.Run(() => _consumer.Seek(message.TopicPartitionOffset));

    /// <summary>Sends a reply; gives why the brokers did not take it, or null.</summary>
    public async Task<string?> ReplyAsync(string? device, byte[] reply, CancellationToken cancellation)
    {
        try
        {
            await _producer!.ProduceAsync(
                _settings.ReplyTopic, new Message<byte[]?, byte[]> { Key = string.IsNullOrEmpty(device) ? null : Encoding.UTF8.GetBytes(device), Value = reply }, cancellation);
            return null;
        }
        catch (ProduceException<byte[]?, byte[]> exception)
        {
            return exception.Error.Reason;
        }
    }

    /// <summary>Commits the place behind a message, and completes once the brokers have it.</summary>
    public Task CommitAsync(ConsumeResult<byte[]?, byte[]?> message, CancellationToken cancellation) => Task.Run(() => _consumer.Commit(message), cancellation);

    /// <summary>Leaves the group, so that another member need not wait for this one to be missed.</summary>
    public async ValueTask DisposeAsync() => await Task.Run(() =>
    {
        using (_producer)
        using (_consumer)
        {
            _consumer.Close();
        }
    });

    private void Join(CancellationToken cancellation)
    {
        _consumer.Subscribe(_settings.Topic);
        var began = _time.GetTimestamp();
        while (!_assigned)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_time.GetElapsedTime(began) > TimeSpan.FromSeconds(_settings.TimeoutSeconds))
            {
                throw new IOException(_lastError ?? $"the brokers did not answer within {_settings.TimeoutSeconds:0.#} s");
            }

            _early = _consumer.Consume(Look);
        }
    }

    // The group puts out who asks for nothing for max.poll.interval.ms. Paused, it gets nothing.
    private void Hold()
    {
        _consumer.Pause(_consumer.Assignment);
        if (_consumer.Consume(TimeSpan.Zero) is { } more)
        {
            // Of a partition that came just now.
            _consumer.Seek(more.TopicPartitionOffset);
        }

        _consumer.Resume(_consumer.Assignment);
    }

    // librdkafka would go on trying, and nobody would be told.
    private void Check()
    {
        if (!_allDown)
        {
            return;
        }

        try
        {
            _consumer.Committed(_consumer.Assignment, AnswerTime);
            _allDown = false;
        }
        catch (KafkaException exception)
        {
            throw new IOException(_lastError ?? exception.Error.Reason, exception);
        }
    }

    // That all brokers are away follows from the errors before it, which say more.
    private void Remember(Error error)
    {
        if (error.Code is ErrorCode.Local_AllBrokersDown)
        {
            _allDown = true;
        }
        else
        {
            _lastError = error.Reason;
        }
    }
}
