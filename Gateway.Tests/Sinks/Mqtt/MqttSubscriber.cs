using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using Gateway.Tests.Support;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;

namespace Gateway.Tests.Sinks.Mqtt;

/// <summary>Subscribes to all that a broker has, in a session that the broker keeps, and comes back after each break.</summary>
internal sealed class MqttSubscriber : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<MqttApplicationMessage> _messages = new();
    private readonly int _port;
    private volatile bool _subscribed;
    private Task _running = Task.CompletedTask;

    private MqttSubscriber(int port) => _port = port;

    public IReadOnlyList<MqttApplicationMessage> Messages => [.. _messages];

    public event Action<MqttApplicationMessage>? Received;

    public static async Task<MqttSubscriber> StartAsync(int port)
    {
        var subscriber = new MqttSubscriber(port);
        subscriber._running = subscriber.RunAsync();
        await Eventually.HoldsAsync(() => subscriber._subscribed, "the subscriber is there");
        return subscriber;
    }

    public static string TextOf(MqttApplicationMessage message) => Encoding.UTF8.GetString(message.Payload.ToArray());

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task RunAsync()
    {
        var options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", _port).WithProtocolVersion(MqttProtocolVersion.V500)
            .WithClientId("subscriber").WithCleanStart(false).WithSessionExpiryInterval(3600).WithReceiveMaximum(1000).Build();
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(options);
            }
            catch (Exception exception) when (exception is MqttCommunicationException or InvalidOperationException)
            {
                await Task.Yield();
            }
        }
    }

    private async Task ListenAsync(MqttClientOptions options)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        var lost = new TaskCompletionSource();
        client.DisconnectedAsync += _ =>
        {
            lost.TrySetResult();
            return Task.CompletedTask;
        };
        client.ApplicationMessageReceivedAsync += received =>
        {
            // The client's buffer is used again for the next packet.
            received.ApplicationMessage.Payload = new ReadOnlySequence<byte>(received.ApplicationMessage.Payload.ToArray());
            _messages.Enqueue(received.ApplicationMessage);
            Received?.Invoke(received.ApplicationMessage);
            return Task.CompletedTask;
        };
        await client.ConnectAsync(options, _end.Token);
        await client.SubscribeAsync("#", MQTTnet.Protocol.MqttQualityOfServiceLevel.AtLeastOnce, _end.Token);
        _subscribed = true;
        await lost.Task.WaitAsync(_end.Token);
    }
}
