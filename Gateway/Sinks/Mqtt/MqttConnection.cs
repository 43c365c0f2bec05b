using System.Text;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;

namespace Gateway.Sinks;

/// <summary>
/// One connection to a broker, never connected again: MQTTnet's client does not keep what was on its way, and the sink does. Of one loop.
/// </summary>
internal sealed class MqttConnection : IAsyncDisposable
{
    private const MqttClientPublishReasonCode PacketTooLarge = (MqttClientPublishReasonCode)0x95;

    private readonly IMqttClient _client;
    private readonly MqttSinkSettings _settings;
    private readonly TimeProvider _time;

    private MqttConnection(IMqttClient client, MqttSinkSettings settings, TimeProvider time) => (_client, _settings, _time) = (client, settings, time);

    public bool IsAlive => _client.IsConnected;

    /// <summary>How many messages may be on their way.</summary>
    public int Window { get; private set; }

    /// <summary>The largest packet that the broker takes, in bytes; null when it did not say.</summary>
    public long? MaxPacket { get; private set; }

    /// <summary>Connects, and says so on the will's topic.</summary>
    /// <exception cref="IOException">The broker does not let the sink in, or can't do what it needs.</exception>
    public static async Task<MqttConnection> OpenAsync(MqttSinkSettings settings, TimeProvider time, CancellationToken cancellation)
    {
        var connection = new MqttConnection(new MqttClientFactory().CreateMqttClient(), settings, time);
        try
        {
            await connection.ConnectAsync(cancellation);
            return connection;
        }
        catch (Exception)
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Publishes; when it returns, the message is behind the one before it on the way.</summary>
    public async Task<Outcome> PublishAsync(MqttApplicationMessage publication, CancellationToken giveUp)
    {
        var answer = await _client.PublishAsync(publication, giveUp);
        var reason = string.IsNullOrEmpty(answer.ReasonString) ? $"the broker answered {Name(answer.ReasonCode)}" : $"the broker answered {Name(answer.ReasonCode)}: {answer.ReasonString}";
        return answer.ReasonCode switch
        {
            MqttClientPublishReasonCode.Success or MqttClientPublishReasonCode.NoMatchingSubscribers => Outcome.Taken,
            MqttClientPublishReasonCode.NotAuthorized or MqttClientPublishReasonCode.TopicNameInvalid
                or MqttClientPublishReasonCode.PayloadFormatInvalid or PacketTooLarge => Outcome.Refused(reason),
            _ => Outcome.Again(reason),
        };
    }

    /// <summary>Says good-bye, so that the broker has no reason to speak for the sink; a broker that is gone is told nothing.</summary>
    public async Task LeaveAsync()
    {
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1), _time);
            await SayAsync(_settings.Will.Offline, patience.Token);
            await _client.DisconnectAsync(new MqttClientDisconnectOptions(), patience.Token);
        }
        catch (Exception exception) when (exception is MqttCommunicationException or OperationCanceledException or InvalidOperationException)
        {
            // The broker says it, by the will.
            _client.Dispose();
        }
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task ConnectAsync(CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(_settings.TimeoutSeconds), _time);
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            var answer = await _client.ConnectAsync(MqttOptions.Of(_settings), giveUp.Token);
            if (Objection(answer) is { } objection)
            {
                throw new IOException(objection);
            }

            Window = Math.Min(_settings.MaxInFlight, answer.ReceiveMaximum is > 0 and var most ? most : ushort.MaxValue);
            MaxPacket = answer.MaximumPacketSize is > 0 and var size ? size : null;
            await SayAsync(_settings.Will.Online, giveUp.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new IOException($"the broker did not answer within {_settings.TimeoutSeconds:0.#} s");
        }
    }

    private string? Objection(MqttClientConnectResult answer) => answer switch
    {
        { ResultCode: not MqttClientConnectResultCode.Success } when string.IsNullOrEmpty(answer.ReasonString) => $"the broker did not let the sink in: {Name(answer.ResultCode)}",
        { ResultCode: not MqttClientConnectResultCode.Success } => $"the broker did not let the sink in: {Name(answer.ResultCode)}: {answer.ReasonString}",
        { MaximumQoS: MqttQualityOfServiceLevel.AtMostOnce } when _settings.Version is MqttVersion.V5 => "the broker takes QoS 0 only, which would lose messages",
        { RetainAvailable: false } when _settings.Version is MqttVersion.V5 && (_settings.Retain || _settings.Will.Topic is not null) => "the broker keeps no retained messages: set retain to false and leave will.topic out",
        _ => null,
    };

    private async Task SayAsync(string status, CancellationToken cancellation)
    {
        if (_settings.Will.Topic is { } topic)
        {
            await _client.PublishAsync(
                new MqttApplicationMessage
                {
                    Topic = topic,
                    PayloadSegment = Encoding.UTF8.GetBytes(status),
                    QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
                    Retain = true,
                },
                cancellation);
        }
    }

    private static string Name<T>(T code)
        where T : struct, Enum => Enum.IsDefined(code) ? code.ToString() : $"0x{Convert.ToInt32(code, System.Globalization.CultureInfo.InvariantCulture):X2}";
}
