using System.Collections.Concurrent;
using System.Text;
using Confluent.Kafka;

namespace Gateway.Tests.Sinks.Kafka;

/// <summary>Reads all partitions of a topic from their beginning, and goes on while brokers come and go.</summary>
internal sealed class KafkaReader : IAsyncDisposable
{
    private readonly IConsumer<byte[]?, byte[]> _consumer;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<ConsumeResult<byte[]?, byte[]>> _messages = new();
    private readonly Action<ConsumeResult<byte[]?, byte[]>> _received;
    private readonly Task _running;

    public KafkaReader(IEnumerable<string> servers, string topic, int partitions, Action<ConsumeResult<byte[]?, byte[]>>? received = null)
    {
        _received = received ?? _messages.Enqueue;
        _consumer = new ConsumerBuilder<byte[]?, byte[]>(new ConsumerConfig
        {
            BootstrapServers = string.Join(',', servers),
            GroupId = "reader",
            EnableAutoCommit = false,
            ReconnectBackoffMaxMs = 200,

            // What comes while the broker holds an empty answer back comes with the next.
            FetchWaitMaxMs = 20,

            // What the mock has dropped before it was read must not be passed over.
            AutoOffsetReset = AutoOffsetReset.Error,
        }).SetLogHandler((_, _) => { }).Build();
        _consumer.Assign(Enumerable.Range(0, partitions).Select(partition => new TopicPartitionOffset(topic, partition, Offset.Beginning)));
        _running = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public IReadOnlyList<ConsumeResult<byte[]?, byte[]>> Messages => [.. _messages];

    /// <summary>What it was told of the topic when that was not there.</summary>
    public Error? Missing { get; private set; }

    public static string TextOf(ConsumeResult<byte[]?, byte[]> message) => Encoding.UTF8.GetString(message.Message.Value);

    public static string HeaderOf(ConsumeResult<byte[]?, byte[]> message, string name) => Encoding.UTF8.GetString(message.Message.Headers.GetLastBytes(name));

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _consumer.Dispose();
        _end.Dispose();
    }

    private void Run()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                _received(_consumer.Consume(_end.Token));
            }
            catch (ConsumeException exception) when (exception.Error.Code is ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownPartition)
            {
                // A test says so for a while, and takes it back.
                Missing = exception.Error;
            }
        }
    }
}
