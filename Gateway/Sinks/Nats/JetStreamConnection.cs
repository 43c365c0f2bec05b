using System.Globalization;
using System.Text.Json;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Gateway.Sinks;

/// <summary>
/// One connection to a server, never connected again: NATS.Net would send what it still has behind what was lost, and the order would be
/// another. Of one loop.
/// </summary>
internal sealed class JetStreamConnection : IAsyncDisposable
{
    // The server's JSStreamMessageExceedsMaximumErr and JSStreamNotMatchErr.
    private const int LargerThanStreamTakes = 10054;
    private const int OfAnotherStream = 10060;

    private static readonly TimeSpan GoodBye = TimeSpan.FromSeconds(1);

    private readonly NatsConnection _connection;
    private readonly NatsJSContext _jetStream;
    private readonly NatsSinkSettings _settings;
    private readonly TimeProvider _time;
    private readonly PermissionWatch _permissions = new();

    // Cancelled by the client's threads, when the connection is of no use any more.
    private readonly CancellationTokenSource _lost = new();

    // Set once, by the first who knows why.
    private volatile string? _complaint;
    private int _connected;

    private JetStreamConnection(NatsSinkSettings settings, TimeProvider time)
    {
        (_settings, _time) = (settings, time);
        _connection = new NatsConnection(NatsOptions.Of(settings));
        _jetStream = new NatsJSContext(_connection, new NatsJSOpts(_connection.Opts));
        _connection.OnConnectingAsync = server => Interlocked.Exchange(ref _connected, 1) == 0
            ? ValueTask.FromResult(server)
            : throw new NatsException("the connection is not made again");
        _connection.ConnectionDisconnected += (_, _) => LoseAsync("the connection was lost");
        _connection.ServerError += (_, error) => _permissions.Tells(error) ? ValueTask.CompletedTask : LoseAsync($"the server says: {error.Error}");
    }

    public bool IsAlive => !_lost.IsCancellationRequested;

    /// <summary>Connects, and sees to the stream.</summary>
    /// <exception cref="IOException">The server does not let the sink in, or has no such stream.</exception>
    public static async Task<JetStreamConnection> OpenAsync(NatsSinkSettings settings, TimeProvider time, CancellationToken cancellation)
    {
        var connection = new JetStreamConnection(settings, time);
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

    /// <summary>A new batch begins: none of the one before is on its way any more.</summary>
    public void Begin() => _permissions.Begin();

    /// <summary>Publishes; when it returns, the message is behind the one before it on the way.</summary>
    public async ValueTask<Task<Outcome>> PublishAsync(string subject, SinkMessage message, CancellationToken giveUp)
    {
        var forbidden = _permissions.Of(subject);
        if (forbidden.IsCompleted)
        {
            return RefusedAsync(forbidden);
        }

        var options = new NatsJSPubOpts { MsgId = message.Id.ToString(), ExpectedStream = _settings.Stream };
        var headers = new NatsHeaders
        {
            ["Content-Type"] = message.ContentType,
            ["Gateway-Kind"] = JsonNamingPolicy.SnakeCaseLower.ConvertName(message.Kind.ToString()),
            ["Gateway-Revision"] = message.Revision.ToString(CultureInfo.InvariantCulture),
        };
        using var end = CancellationTokenSource.CreateLinkedTokenSource(giveUp, _lost.Token);
        try
        {
            return AnswerAsync(await _jetStream.PublishConcurrentAsync(subject, message.Body, opts: options, headers: headers, cancellationToken: end.Token), subject, forbidden, giveUp);
        }
        catch (NatsPayloadTooLargeException)
        {
            return Task.FromResult(Outcome.Refused($"with its headers it is larger than the {_connection.ServerInfo?.MaxPayload} bytes that the server takes"));
        }
        catch (Exception exception) when (exception is NatsException or OperationCanceledException && !IsAlive)
        {
            return Task.FromResult(Outcome.Again(_complaint!));
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            // What can't be written any more it would wait for as long as for an answer; it ends by itself.
            await _connection.DisposeAsync().AsTask().WaitAsync(GoodBye, _time);
        }
        catch (Exception exception) when (exception is NatsException or TimeoutException or OperationCanceledException or IOException)
        {
            _complaint ??= exception.Message;
        }
    }

    private async Task<Outcome> AnswerAsync(NatsJSPublishConcurrentFuture future, string subject, Task<string> forbidden, CancellationToken giveUp)
    {
        try
        {
            await using (future)
            using (var end = CancellationTokenSource.CreateLinkedTokenSource(giveUp, _lost.Token))
            {
                // To what it forbids the server gives no answer, but an error that names the subject.
                var answer = future.GetResponseAsync(end.Token).AsTask();
                if (await Task.WhenAny(answer, forbidden) == answer)
                {
                    return OutcomeOf(await answer, subject);
                }

                await end.CancelAsync();
                await ((Task)answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return await RefusedAsync(forbidden);
            }
        }
        catch (NatsNoRespondersException)
        {
            return Outcome.Again($"no stream takes the subject {subject}");
        }
        catch (Exception exception) when (exception is NatsException or OperationCanceledException && !IsAlive)
        {
            return Outcome.Again(_complaint!);
        }
    }

    private static async Task<Outcome> RefusedAsync(Task<string> forbidden) => Outcome.Refused($"the server says: {await forbidden}");

    private Outcome OutcomeOf(PubAckResponse answer, string subject) => answer.Error switch
    {
        null => Outcome.Taken,
        { ErrCode: LargerThanStreamTakes } error => Outcome.Refused($"{error.Description} ({error.ErrCode})"),
        { ErrCode: OfAnotherStream } => Outcome.Again($"the subject {subject} is of another stream than {_settings.Stream}"),
        var error => Outcome.Again($"{error.Description} ({error.ErrCode})"),
    };

    private async Task ConnectAsync(CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(_settings.TimeoutSeconds), _time);
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation, _lost.Token);
        try
        {
            await _connection.ConnectAsync().AsTask().WaitAsync(giveUp.Token);
            if (_settings.CreateStream)
            {
                await CreateStreamAsync(giveUp.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or NatsException && !cancellation.IsCancellationRequested)
        {
            throw new IOException(_complaint ?? (patience.IsCancellationRequested ? $"the server did not answer within {_settings.TimeoutSeconds:0.#} s" : Describe(exception)), exception);
        }
    }

    private async Task CreateStreamAsync(CancellationToken cancellation)
    {
        try
        {
            await _jetStream.GetStreamAsync(_settings.Stream, cancellationToken: cancellation);
        }
        catch (NatsJSApiException exception) when (exception.Error.Code == 404)
        {
            // Another gateway that does so at the same time makes the same stream, and the server takes that for one.
            await _jetStream.CreateStreamAsync(NatsOptions.StreamOf(_settings), cancellation);
        }
    }

    private ValueTask LoseAsync(string why)
    {
        _complaint ??= why;
        return new ValueTask(_lost.CancelAsync());
    }

    // The client wraps what went wrong in what it was doing.
    private static string Describe(Exception exception) => exception switch
    {
        NatsNoRespondersException or NatsJSApiNoResponseException => "the server has no JetStream for this account",
        { InnerException: { } inner } => $"{exception.Message}: {Describe(inner)}",
        _ => exception.Message,
    };
}
