using System.Globalization;
using Confluent.Kafka;
using Gateway.Commands;
using Gateway.Sinks;

namespace Gateway.Intake;

/// <summary>Commands from Kafka. The offset is committed when a message is settled.</summary>
internal sealed class KafkaIntakeSource(string name, KafkaIntakeSettings settings, TimeProvider time, ILogger logger) : IIntakeSource
{
    private const string TypeName = "kafka";

    private readonly KafkaLog _log = new(name, TypeName, time, logger);

    // Of the one loop that calls.
    private KafkaIntakeConnection? _connection;
    private ConsumeResult<byte[]?, byte[]?>? _message;

    public string Name => name;

    public string Type => TypeName;

    public async Task ConnectAsync(CancellationToken cancellation)
    {
        _connection ??= await KafkaIntakeConnection.OpenAsync(settings, time, _log, cancellation);
        await _connection.CheckAsync(cancellation);
    }

    public async Task<IntakeMessage> ReceiveAsync(CancellationToken cancellation)
    {
        _message = await _connection!.ReceiveAsync(cancellation);
        var (body, place) = (_message.Message.Value ?? [], string.Create(CultureInfo.InvariantCulture, $"topic {_message.Topic} [{_message.Partition.Value}] @ {_message.Offset.Value}"));
        return new IntakeMessage(body.Length > CommandRequest.MaxBytes ? body.AsMemory(0, CommandRequest.MaxBytes + 1) : body, place)
        {
            StableId = IdOf(_message),
        };
    }

    public Task<bool> HoldAsync(CancellationToken cancellation) => _connection!.HoldAsync(cancellation);

    public async Task SettleAsync(IntakeAnswer answer, CancellationToken cancellation)
    {
        if (settings.ReplyTopic is { } topic && answer.Reply is { } reply && await _connection!.ReplyAsync(answer.DeviceId, reply, cancellation) is { } problem)
        {
            logger.NotReplied(name, Type, topic, problem);
        }

        await _connection!.CommitAsync(_message!, cancellation);
        _message = null;
    }

    public async ValueTask DisconnectAsync()
    {
        if (_connection is not { IsDown: true } || !await ReturnAsync())
        {
            await DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        var connection = _connection;
        (_connection, _message) = (null, null);
        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }

    // While the brokers are away it stays a member of the group, and the message in hand comes again.
    private async Task<bool> ReturnAsync()
    {
        try
        {
            if (_message is { } message)
            {
                await _connection!.ReturnAsync(message);
                _message = null;
            }

            return true;
        }
        catch (KafkaException)
        {
            // Its partition went to another member.
            return false;
        }
    }

    // The time too: a topic that was deleted and made again counts from 0 again.
    private static string IdOf(ConsumeResult<byte[]?, byte[]?> message) => StableId.Of(
        TypeName,
        message.Topic,
        string.Create(CultureInfo.InvariantCulture, $"{message.Partition.Value}-{message.Offset.Value}-{message.Message.Timestamp.UnixTimestampMs}"));
}
