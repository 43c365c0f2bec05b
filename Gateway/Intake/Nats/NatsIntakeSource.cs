using System.Globalization;
using Gateway.Sinks;
using NATS.Client.JetStream;

namespace Gateway.Intake;

/// <summary>Commands from NATS JetStream. The acknowledgement goes out when a message is settled, and is itself confirmed by the server.</summary>
internal sealed class NatsIntakeSource(string name, NatsIntakeSettings settings, TimeProvider time, ILogger logger) : IIntakeSource
{
    private const string ReplyHeader = "Gateway-Reply-To";

    private readonly IntakeTopic _subject = IntakeTopic.Parse(settings.Subject, TopicRules.Nats);
    private readonly IntakeTopic? _replySubject = settings.ReplySubject is { } subject ? IntakeTopic.Parse(subject, TopicRules.Nats) : null;

    // Of the one loop that calls.
    private NatsIntakeConnection? _connection;
    private INatsJSMsg<byte[]>? _message;

    public string Name => name;

    public string Type => "nats";

    public async Task ConnectAsync(CancellationToken cancellation)
    {
        if (_connection is not { IsAlive: true })
        {
            await DisconnectAsync();
            _connection = await NatsIntakeConnection.OpenAsync(settings, time, problem => logger.NotReplied(name, Type, "a subject", problem), cancellation);
        }
    }

    public async Task<IntakeMessage> ReceiveAsync(CancellationToken cancellation)
    {
        _message = await _connection!.ReceiveAsync(cancellation);
        _subject.Matches(_message.Subject, out var device);
        return new IntakeMessage(_message.Data ?? [], $"subject {_message.Subject}") { DeviceId = device, StableId = IdOf(_message) };
    }

    public async Task<bool> HoldAsync(CancellationToken cancellation)
    {
        if (_connection is not { IsAlive: true })
        {
            return false;
        }

        await _connection.HoldAsync(_message!, cancellation);
        return true;
    }

    public Task SettleAsync(IntakeAnswer answer, CancellationToken cancellation) =>
        _connection!.SettleAsync(_message!, ReplySubjectOf(_message!, answer), answer.Reply, cancellation);

    public async ValueTask DisconnectAsync()
    {
        var connection = _connection;
        (_connection, _message) = (null, null);
        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }

    public ValueTask DisposeAsync() => DisconnectAsync();

    // The time too: a stream that was deleted and made again counts from 1 again.
    private static string? IdOf(INatsJSMsg<byte[]> message) => message.Metadata is { } metadata
        ? StableId.Of("nats", metadata.Stream, string.Create(CultureInfo.InvariantCulture, $"{metadata.Sequence.Stream}-{metadata.Timestamp.ToUnixTimeMilliseconds()}"))
        : null;

    // Whatever can't be a subject, or would come back as a command, is none.
    private string? ReplySubjectOf(INatsJSMsg<byte[]> message, IntakeAnswer answer) =>
        message.Headers is { } headers && headers.TryGetValue(ReplyHeader, out var wanted) && wanted.ToString() is { Length: > 0 } subject
        && TopicTemplate.Problem(subject, TopicRules.Nats) is null && !_subject.Matches(subject, out _)
            ? subject
            : _replySubject?.Of(answer.DeviceId);
}
