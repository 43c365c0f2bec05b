using Gateway.Sinks;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Gateway.Intake;

/// <summary>One connection to a server, never connected again: what is not acknowledged when it ends comes again to the next one. Of one loop.</summary>
internal sealed class NatsIntakeConnection : IAsyncDisposable
{
    private const string OfJetStream = "\"$JS.";

    private static readonly TimeSpan GoodBye = TimeSpan.FromSeconds(1);

    private readonly NatsConnection _connection;
    private readonly NatsJSContext _jetStream;
    private readonly NatsIntakeSettings _settings;
    private readonly TimeProvider _time;

    // Cancelled by the client's threads, when the connection is of no use any more.
    private readonly CancellationTokenSource _lost = new();
    private INatsJSConsumer? _consumer;

    // Set once, by the first who knows why.
    private volatile string? _complaint;
    private int _connected;

    private NatsIntakeConnection(NatsIntakeSettings settings, TimeProvider time, Action<string> forbidden)
    {
        (_settings, _time) = (settings, time);
        _connection = new NatsConnection(NatsOptions.Of(settings));
        _jetStream = new NatsJSContext(_connection, new NatsJSOpts(_connection.Opts));
        _connection.OnConnectingAsync = server => Interlocked.Exchange(ref _connected, 1) == 0
            ? ValueTask.FromResult(server)
            : throw new NatsException("the connection is not made again");
        _connection.ConnectionDisconnected += (_, _) => LoseAsync("the connection was lost");
        _connection.ServerError += (_, error) => HearAsync(error, forbidden);
    }

    public bool IsAlive => !_lost.IsCancellationRequested;

    /// <summary>Connects, and sees to the stream and the consumer.</summary>
    /// <param name="settings">The intake's settings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="forbidden">Told of a reply that the server does not let pass.</param>
    /// <param name="cancellation">Ends the try.</param>
    /// <exception cref="IOException">The server does not let the gateway in, or has no such stream.</exception>
    public static async Task<NatsIntakeConnection> OpenAsync(NatsIntakeSettings settings, TimeProvider time, Action<string> forbidden, CancellationToken cancellation)
    {
        var connection = new NatsIntakeConnection(settings, time, forbidden);
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

    /// <summary>The next message.</summary>
    /// <exception cref="IOException">The connection was lost.</exception>
    public Task<INatsJSMsg<byte[]>> ReceiveAsync(CancellationToken cancellation) => WhileAliveAsync(
        async end =>
        {
            while (true)
            {
                // The server answers after a while that there was none, and is asked again.
                if (await _consumer!.NextAsync<byte[]>(cancellationToken: end) is { } message)
                {
                    return message;
                }
            }
        },
        cancellation);

    /// <summary>Tells the server that a message is still worked on.</summary>
    public Task HoldAsync(INatsJSMsg<byte[]> message, CancellationToken cancellation) => WhileAliveAsync(
        async end =>
        {
            await message.AckProgressAsync(cancellationToken: end);
            return true;
        },
        cancellation);

    /// <summary>Sends a reply, where there is one, and completes once the server has confirmed the acknowledgement behind it.</summary>
    public Task SettleAsync(INatsJSMsg<byte[]> message, string? subject, byte[]? reply, CancellationToken cancellation) => WhileAliveAsync(
        async end =>
        {
            if (subject is not null && reply is not null)
            {
                await _connection.PublishAsync(subject, reply, new NatsHeaders { ["Content-Type"] = "application/json" }, cancellationToken: end);
            }

            await message.AckAsync(new AckOpts { DoubleAck = true }, end);
            return true;
        },
        cancellation);

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

    private async Task<T> WhileAliveAsync<T>(Func<CancellationToken, Task<T>> act, CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _lost.Token);
        try
        {
            return await act(end.Token);
        }
        catch (Exception exception) when (exception is NatsException || (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new IOException(_complaint ?? Describe(exception), exception);
        }
    }

    private async Task ConnectAsync(CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(_settings.TimeoutSeconds), _time);
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            await WhileAliveAsync(
                async end =>
                {
                    await _connection.ConnectAsync().AsTask().WaitAsync(end);
                    await CreateStreamAsync(end);
                    _consumer = await _jetStream.CreateOrUpdateConsumerAsync(_settings.Stream, NatsIntakeConsumer.Of(_settings), end);
                    return true;
                },
                giveUp.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new IOException(_complaint ?? $"the server did not answer within {_settings.TimeoutSeconds:0.#} s");
        }
    }

    private async Task CreateStreamAsync(CancellationToken cancellation)
    {
        try
        {
            await _jetStream.GetStreamAsync(_settings.Stream, cancellationToken: cancellation);
        }
        catch (NatsJSApiException exception) when (exception.Error.Code == 404 && _settings.CreateStream)
        {
            await _jetStream.CreateStreamAsync(NatsIntakeConsumer.StreamOf(_settings), cancellation);
        }
    }

    // A reply that may not be sent is no reason to take its command again and again; an acknowledgement that may not be is one to hang up.
    private ValueTask HearAsync(NatsServerErrorEventArgs error, Action<string> forbidden)
    {
        if (error.Kind is NatsServerErrorKind.PermissionsViolation && error.Error.Contains("Publish to", StringComparison.OrdinalIgnoreCase) && !error.Error.Contains(OfJetStream, StringComparison.Ordinal))
        {
            forbidden(error.Error);
            return ValueTask.CompletedTask;
        }

        return LoseAsync($"the server says: {error.Error}");
    }

    // The client wraps what went wrong in what it was doing.
    private static string Describe(Exception exception) => exception switch
    {
        NatsNoRespondersException or NatsJSApiNoResponseException => "the server has no JetStream for this account",
        { InnerException: { } inner } => $"{exception.Message}: {Describe(inner)}",
        _ => exception.Message,
    };

    private ValueTask LoseAsync(string why)
    {
        _complaint ??= why;
        return new ValueTask(_lost.CancelAsync());
    }
}
