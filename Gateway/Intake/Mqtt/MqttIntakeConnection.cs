using System.Threading.Channels;
using Gateway.Sinks;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace Gateway.Intake;

/// <summary>One connection to a broker, never connected again: what has no PUBACK when it ends, the broker sends to the next one. Of one loop.</summary>
internal sealed class MqttIntakeConnection : IAsyncDisposable
{
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly MqttIntakeSettings _settings;
    private readonly TimeProvider _time;

    // Written by the client's thread, which waits while it is full; read by the loop.
    private readonly Channel<MqttArrival> _arrivals;

    private MqttIntakeConnection(MqttIntakeSettings settings, TimeProvider time)
    {
        (_settings, _time) = (settings, time);
        _arrivals = Channel.CreateBounded<MqttArrival>(new BoundedChannelOptions(settings.MaxInFlight) { SingleReader = true, SingleWriter = true });
        _client.ApplicationMessageReceivedAsync += KeepAsync;
        _client.DisconnectedAsync += LostAsync;
    }

    public bool IsAlive => _client.IsConnected;

    /// <summary>Connects, and subscribes.</summary>
    /// <exception cref="IOException">The broker does not let the gateway in, or not at these topics.</exception>
    public static async Task<MqttIntakeConnection> OpenAsync(MqttIntakeSettings settings, IReadOnlyList<string> filters, TimeProvider time, CancellationToken cancellation)
    {
        var connection = new MqttIntakeConnection(settings, time);
        try
        {
            await connection.ConnectAsync(filters, cancellation);
            return connection;
        }
        catch (Exception)
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>The next message.</summary>
    /// <exception cref="IOException">The connection was lost.</exception>
    public async Task<MqttArrival> ReceiveAsync(CancellationToken cancellation)
    {
        try
        {
            return await _arrivals.Reader.ReadAsync(cancellation);
        }
        catch (ChannelClosedException exception)
        {
            throw new IOException(exception.InnerException?.Message ?? "the connection was lost");
        }
    }

    /// <summary>Sends a reply; gives why the broker did not take it, or null.</summary>
    public async Task<string?> PublishAsync(string topic, byte[] body, byte[]? correlationData, CancellationToken cancellation)
    {
        var message = new MqttApplicationMessage { Topic = topic, PayloadSegment = body, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce };
        if (_settings.Version is MqttVersion.V5)
        {
            message.ContentType = "application/json";
            message.PayloadFormatIndicator = MqttPayloadFormatIndicator.CharacterData;
            message.CorrelationData = correlationData;
        }

        var answer = await _client.PublishAsync(message, cancellation);
        return answer.IsSuccess ? null : $"the broker answered {answer.ReasonCode}";
    }

    public ValueTask DisposeAsync()
    {
        // Without a DISCONNECT: the broker keeps the session either way, and one that hangs is not waited for.
        _arrivals.Writer.TryComplete();
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task ConnectAsync(IReadOnlyList<string> filters, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(_settings.TimeoutSeconds), _time);
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            var answer = await _client.ConnectAsync(Options(), giveUp.Token);
            if (answer.ResultCode is not MqttClientConnectResultCode.Success)
            {
                throw new IOException($"the broker did not let the gateway in: {answer.ResultCode}");
            }

            var subscribed = await _client.SubscribeAsync(new MqttClientSubscribeOptions { TopicFilters = [.. filters.Select(Filter)] }, giveUp.Token);
            var refused = subscribed.Items.FirstOrDefault(item => item.ResultCode is not (MqttClientSubscribeResultCode.GrantedQoS1 or MqttClientSubscribeResultCode.GrantedQoS2));
            if (refused is not null)
            {
                throw new IOException($"the broker does not let the gateway subscribe to {refused.TopicFilter.Topic}: {refused.ResultCode}");
            }
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new IOException($"the broker did not answer within {_settings.TimeoutSeconds:0.#} s");
        }
    }

    private MqttClientOptions Options()
    {
        var options = MqttOptions.Server(_settings, _settings.ClientId);
        return _settings.Version is MqttVersion.V5
            ? options.WithCleanStart(false).WithSessionExpiryInterval((uint)_settings.SessionExpirySeconds).WithReceiveMaximum((ushort)_settings.MaxInFlight).Build()
            : options.WithCleanSession(false).Build();
    }

    // MQTT 5 §3.8.3.1: retained messages would come with every connection. 3.1.1 has no word for that: there they are known by their flag.
    private MqttTopicFilter Filter(string filter) => new()
    {
        Topic = filter,
        QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
        RetainHandling = _settings.Version is MqttVersion.V5 ? MqttRetainHandling.DoNotSendOnSubscribe : MqttRetainHandling.SendAtSubscribe,
    };

    private async Task KeepAsync(MqttApplicationMessageReceivedEventArgs received)
    {
        received.AutoAcknowledge = false;
        var message = received.ApplicationMessage;
        try
        {
            await _arrivals.Writer.WriteAsync(new MqttArrival(message.Topic, IntakeMessage.Copy(message.Payload), received));
        }
        catch (ChannelClosedException)
        {
            // The connection has ended; the broker sends it to the next one.
            received.ProcessingFailed = true;
        }
    }

    private Task LostAsync(MqttClientDisconnectedEventArgs lost)
    {
        _arrivals.Writer.TryComplete(new MqttCommunicationException(lost.Exception?.Message ?? $"the connection was lost: {lost.Reason}"));
        return Task.CompletedTask;
    }
}
