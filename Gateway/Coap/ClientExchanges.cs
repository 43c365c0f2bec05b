using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Gateway.Coap;

/// <summary>
/// RFC 7252 §5 from the client's side: the requests of ours that wait for an answer, each known by its peer and its token
/// (§5.3.2). It sends through the outbox, which retransmits. May be called from any thread.
/// </summary>
//
//   CON ──► in the outbox ──┬─ ACK with the answer ───────────────────────────► done
//                           ├─ empty ACK ──► waits ──┬─ CON, NON with the answer ► done (a CON is acknowledged)
//                           │                        └─ SeparateTimeout ────────► timed out
//                           ├─ CON, NON with the answer: as good as an ACK ─────► done
//                           └─ RST ─► rejected; given up ─► timed out
//   NON ──► waits, as after an empty ACK
internal sealed class ClientExchanges : IDisposable
{
    /// <summary>How many requests may be in work; one more is refused.</summary>
    public const int MaxInWork = 16_384;

    private readonly TransmissionParameters _parameters;
    private readonly TimeProvider _time;
    private readonly Outbox _outbox;
    private readonly DatagramSender _send;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();

    // From here on: guarded by _gate.
    private readonly ClientExchangeTable _inWork = new();
    private readonly AcknowledgedAnswers _acknowledged;
    private bool _closed;

    public ClientExchanges(TransmissionParameters parameters, TimeProvider time, Outbox outbox, DatagramSender send)
    {
        (_parameters, _time, _outbox, _send) = (parameters, time, outbox, send);
        _acknowledged = new AcknowledgedAnswers(time.TimestampsIn(parameters.ExchangeLifetime));
        _timer = time.CreateTimer(_ => Expire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Sends the request, CON or NON, with a token of its own, and waits for the answer, which may be an error of the server.</summary>
    /// <exception cref="CoapClientException">There is no answer.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; it is not sent again.</exception>
    public async Task<CoapMessage> RequestAsync(Peer peer, CoapMessage request, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var exchange = Begin(peer, request.Type == MessageType.Confirmable);
        try
        {
            var id = _outbox.Send(peer, request with { Token = exchange.Token }, end => OnEnded(exchange, end));
            OnSent(exchange, id);
            return await exchange.Answer.WaitAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            if (TryRemove(exchange))
            {
                StopSending(exchange);
            }
        }
    }

    /// <summary>Takes an answer that came. One that nobody waits for is reset when it is a CON, and otherwise ignored (RFC 7252 §4.2, §4.3).</summary>
    public void Take(Peer peer, CoapMessage answer)
    {
        switch (answer.Type)
        {
            // RFC 7252 §5.3.2: for a piggybacked answer both message ID and token must match.
            case MessageType.Acknowledgement when _outbox.SettleRequest(peer, answer.Id, answer.Token):
                TryComplete(peer, answer);
                break;
            case MessageType.NonConfirmable:
                TryComplete(peer, answer);
                break;
            case MessageType.Confirmable:
                var known = TryComplete(peer, answer) || IsAcknowledged(peer, answer.Id);
                _send(peer, CoapCodec.Encode(known ? CoapMessage.EmptyAcknowledgement(answer.Id) : CoapMessage.Reset(answer.Id)));
                break;
        }
    }

    /// <summary>A reset came for something that the outbox does not keep: it may be a NON request of ours.</summary>
    public void Reset(Peer peer, MessageId id)
    {
        ClientExchange? exchange;
        lock (_gate)
        {
            _inWork.TryFind(peer, id, out exchange);
        }

        if (exchange is not null)
        {
            Fail(exchange, Rejected());
        }
    }

    /// <summary>Ends all requests to the peer without an answer.</summary>
    public void FailAll(Peer peer, CoapClientException reason) => FailWhere(exchange => exchange.Peer == peer, reason);

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _timer.Dispose();
        }

        FailWhere(_ => true, Closed());
    }

    private static CoapClientException Rejected() =>
        new(CoapClientError.Rejected, "the server rejected the request as no valid CoAP message (Reset)");

    private static CoapClientException Closed() => new(CoapClientError.Closed, "the client was closed before the answer came");

    // RFC 7252 §5.3.1: long enough that it can't be guessed, and so the answer not be forged from afar. That is why it doesn't
    // come from a Random: from some of its numbers the next ones can be told.
    private static Token NewToken()
    {
        Span<byte> bytes = stackalloc byte[Token.MaxLength];
        RandomNumberGenerator.Fill(bytes);
        return Token.From(bytes);
    }

    private ClientExchange Begin(Peer peer, bool confirmable)
    {
        lock (_gate)
        {
            if (_closed)
            {
                throw Closed();
            }

            if (_inWork.Count >= MaxInWork)
            {
                throw new CoapClientException(CoapClientError.Busy, $"{MaxInWork} requests are in work already");
            }

            ClientExchange exchange;
            do
            {
                exchange = new ClientExchange(peer, NewToken(), confirmable);
            }
            while (!_inWork.TryAdd(exchange));

            return exchange;
        }
    }

    // The answer may have come before this, on the thread that receives.
    private void OnSent(ClientExchange exchange, MessageId id)
    {
        bool isInWork;
        lock (_gate)
        {
            exchange.Id = id;
            isInWork = _inWork.Contains(exchange);
            if (isInWork && !exchange.Confirmable)
            {
                // A reset that came before this is missed; then the request times out.
                _inWork.SetId(exchange, id);
                Await(exchange);
            }
        }

        if (!isInWork)
        {
            StopSending(exchange);
        }
    }

    private void OnEnded(ClientExchange exchange, TransmissionEnd end)
    {
        switch (end)
        {
            case TransmissionEnd.Acknowledged:
                lock (_gate)
                {
                    if (_inWork.Contains(exchange))
                    {
                        Await(exchange);
                    }
                }

                break;
            case TransmissionEnd.Reset:
                Fail(exchange, Rejected());
                break;
            case TransmissionEnd.GivenUp:
                Fail(exchange, TimedOut($"{exchange.Peer} did not answer, though it was asked {_parameters.MaxRetransmit + 1} times"));
                break;
            case TransmissionEnd.Dropped:
                Fail(exchange, new CoapClientException(CoapClientError.Busy, $"too many messages to {exchange.Peer} wait to be acknowledged"));
                break;
        }
    }

    private static CoapClientException TimedOut(string message) => new(CoapClientError.TimedOut, message);

    private bool TryComplete(Peer peer, CoapMessage answer)
    {
        ClientExchange? exchange;
        lock (_gate)
        {
            if (!_inWork.TryFind(peer, answer.Token, out exchange))
            {
                return false;
            }

            _inWork.Remove(exchange);
            if (answer.Type == MessageType.Confirmable)
            {
                _acknowledged.Add(peer, answer.Id, _time.GetTimestamp());
            }
        }

        StopSending(exchange);
        exchange.Succeed(answer);
        return true;
    }

    private bool IsAcknowledged(Peer peer, MessageId id)
    {
        lock (_gate)
        {
            return _acknowledged.Contains(peer, id, _time.GetTimestamp());
        }
    }

    private void Fail(ClientExchange exchange, CoapClientException reason)
    {
        if (TryRemove(exchange))
        {
            exchange.Fail(reason);
        }
    }

    private void FailWhere(Func<ClientExchange, bool> condition, CoapClientException reason)
    {
        ClientExchange[] failed;
        lock (_gate)
        {
            failed = _inWork.RemoveWhere(condition);
        }

        foreach (var exchange in failed)
        {
            StopSending(exchange);
            exchange.Fail(reason);
        }
    }

    private void Expire()
    {
        while (TryTakeExpired(out var exchange))
        {
            var seconds = _parameters.SeparateTimeout.TotalSeconds;
            exchange.Fail(TimedOut(exchange.Confirmable
                ? $"{exchange.Peer} acknowledged the request, but gave no answer within {seconds} s"
                : $"{exchange.Peer} gave no answer within {seconds} s"));
        }
    }

    private bool TryTakeExpired([NotNullWhen(true)] out ClientExchange? exchange)
    {
        lock (_gate)
        {
            exchange = _inWork.First;
            if (exchange is null || _closed)
            {
                return false;
            }

            var now = _time.GetTimestamp();
            if (exchange.Deadline > now)
            {
                _timer.Change(_time.TimerSpan(now, exchange.Deadline), Timeout.InfiniteTimeSpan);
                return false;
            }

            _inWork.Remove(exchange);
            return true;
        }
    }

    private bool TryRemove(ClientExchange exchange)
    {
        lock (_gate)
        {
            if (!_inWork.Contains(exchange))
            {
                return false;
            }

            _inWork.Remove(exchange);
            return true;
        }
    }

    private void StopSending(ClientExchange exchange)
    {
        if (exchange is { Confirmable: true, Id: { } id })
        {
            _outbox.Drop(exchange.Peer, id);
        }
    }

    // Under _gate. The timer runs as long as somebody waits.
    private void Await(ClientExchange exchange)
    {
        var now = _time.GetTimestamp();
        _inWork.Await(exchange, now + _time.TimestampsIn(_parameters.SeparateTimeout));
        if (_inWork.First == exchange && !_closed)
        {
            _timer.Change(_time.TimerSpan(now, exchange.Deadline), Timeout.InfiniteTimeSpan);
        }
    }
}
