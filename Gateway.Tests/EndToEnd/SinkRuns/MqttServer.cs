using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Gateway.Tests.Sinks.Mqtt;
using Gateway.Tests.Support;

namespace Gateway.Tests.EndToEnd.SinkRuns;

/// <summary>mosquitto, and a subscriber whose session it keeps.</summary>
internal sealed class MqttServer : ISinkServer
{
    private readonly MosquittoServer _server = new("allow_anonymous true");
    private readonly ConcurrentQueue<byte[]> _bodies = new();
    private MqttSubscriber? _subscriber;

    public int? Port => _server.Port;

    public string Settings(int port) => string.Create(CultureInfo.InvariantCulture, $"\"type\": \"mqtt\", \"url\": \"mqtt://127.0.0.1:{port}\", \"timeout_seconds\": 5");

    public async Task StartAsync(int advertised)
    {
        await _server.StartAsync();
        if (_subscriber is null)
        {
            _subscriber = await MqttSubscriber.StartAsync(_server.Port);
            _subscriber.Received += message => _bodies.Enqueue(message.Payload.ToArray());
        }
    }

    public Task StopAsync() => _server.StopAsync();

    public Task<IReadOnlyList<(ReadOnlyMemory<byte> Body, string Id)>> TakeArrivedAsync() => Task.FromResult<IReadOnlyList<(ReadOnlyMemory<byte>, string)>>([.. TakeArrived()]);

    public async ValueTask DisposeAsync()
    {
        if (_subscriber is not null)
        {
            await _subscriber.DisposeAsync();
        }

        await _server.DisposeAsync();
    }

    private IEnumerable<(ReadOnlyMemory<byte> Body, string Id)> TakeArrived()
    {
        while (_bodies.TryDequeue(out var body))
        {
            yield return (body, Ledger.IdIn(Encoding.UTF8.GetString(body)));
        }
    }
}
