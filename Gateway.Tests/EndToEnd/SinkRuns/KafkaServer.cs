using System.Collections.Concurrent;
using System.Globalization;
using Confluent.Kafka;
using Gateway.Tests.Sinks.Kafka;
using Gateway.Tests.Support;

namespace Gateway.Tests.EndToEnd.SinkRuns;

/// <summary>A mock broker of librdkafka's. It is stopped for clients only, and reads its messages out while the run goes on, for it keeps 5 MB of each partition.</summary>
internal sealed class KafkaServer : ISinkServer
{
    private const int Partitions = 12;

    private readonly KafkaCluster _cluster = new();
    private readonly ConcurrentQueue<ConsumeResult<byte[]?, byte[]>> _messages = new();
    private KafkaReader? _reader;

    public int? Port => _cluster.Port;

    public string Settings(int port) => string.Create(CultureInfo.InvariantCulture, $"\"type\": \"kafka\", \"servers\": [\"127.0.0.1:{port}\"], \"timeout_seconds\": 1");

    public Task StartAsync(int advertised)
    {
        if (_reader is null)
        {
            _cluster.AdvertiseAt(advertised);
            _cluster.CreateTopic("readings", Partitions);
            _reader = new KafkaReader([string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{advertised}")], "readings", Partitions, _messages.Enqueue);
        }
        else
        {
            _cluster.Start();
        }

        return Task.CompletedTask;
    }

    public Task StopAsync()
    {
        _cluster.Stop();
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<(ReadOnlyMemory<byte> Body, string Id)>> TakeArrivedAsync() => Task.FromResult<IReadOnlyList<(ReadOnlyMemory<byte>, string)>>([.. TakeArrived()]);

    public async ValueTask DisposeAsync()
    {
        if (_reader is not null)
        {
            await _reader.DisposeAsync();
        }

        _cluster.Dispose();
    }

    private IEnumerable<(ReadOnlyMemory<byte> Body, string Id)> TakeArrived()
    {
        while (_messages.TryDequeue(out var message))
        {
            yield return (message.Message.Value, KafkaReader.HeaderOf(message, "message_id"));
        }
    }
}
