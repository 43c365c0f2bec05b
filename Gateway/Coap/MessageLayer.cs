namespace Gateway.Coap;

/// <summary>
/// Hands a datagram to the socket, which may put it off for a moment unless it is to go at once. Called from any thread; does not throw
/// for what the network does.
/// </summary>
internal delegate void DatagramSender(Peer peer, ReadOnlySpan<byte> datagram, bool atOnce = false);

/// <summary>
/// Answers a request, now or later and on any thread; null is silence. The request holds until it returns; what the peer is to
/// hear after the answer goes through the layer that the request came to.
/// </summary>
internal delegate ValueTask<CoapResponse?> RequestHandler(in Peer peer, MessageView request, MessageLayer layer);

/// <summary>Whether a duplicate gets the answer again, by the lengths of the request and of the answer.</summary>
internal delegate bool RepeatRule(in Peer peer, int request, int answer);

/// <summary>
/// RFC 7252 §4 as a state machine: fed with datagrams and with time, it acknowledges, knows duplicates, and retransmits.
/// It knows no socket: the one that receives feeds it, and what it has to say goes out through a <see cref="DatagramSender"/>.
/// </summary>
//
//   CON request ──► handler ──┬─ answers in time ──► ACK with the answer (piggybacked)
//                             └─ takes longer ─────► empty ACK, then CON with the answer until it is acknowledged
//   NON request ──► handler ──── answers ──────────► NON with the answer
//
// Threads: Receive is called by the one thread that receives, and runs the handler as far as it goes without waiting. Answers
// come back on any thread, ticks on the timers'. What came in is in ExchangeTable, what we began in Outbox, each behind its lock;
// nothing is sent under one. A request that is answered at once costs no allocation.
internal sealed class MessageLayer : IDisposable
{
    // RFC 8516 §3, RFC 7252 §5.9.3.4: in how many seconds it is worth another try.
    private const uint PatienceSeconds = 10;

    private static readonly CoapResponse TooMany = new(CoapCode.TooManyRequests) { MaxAge = PatienceSeconds };
    private static readonly CoapResponse Overloaded = new(CoapCode.ServiceUnavailable) { MaxAge = PatienceSeconds };

    // Where each thread writes what it is about to send.
    [ThreadStatic]
    private static byte[]? _scratch;

    private readonly TimeProvider _time;
    private readonly CoapCounters _counters;
    private readonly ILogger _log;
    private readonly RequestHandler _answer;
    private readonly DatagramSender _send;
    private readonly ExchangeTable _exchanges;
    private readonly Outbox _outbox;
    private readonly ClientExchanges _requests;

    public MessageLayer(
        CoapSettings settings,
        TransmissionParameters parameters,
        TimeProvider time,
        Random random,
        CoapMetrics metrics,
        ILogger log,
        RequestHandler answer,
        DatagramSender send)
    {
        (_time, _log, _answer, _send) = (time, log, answer, send);
        _exchanges = new ExchangeTable(settings, parameters, time, Tick);
        _outbox = new Outbox(parameters, time, random, log, send) { Metrics = metrics };
        _requests = new ClientExchanges(parameters, time, _outbox, send);
        _counters = metrics.NewCounters();
        _counters.Exchanges = () => _exchanges.Counts;
    }

    /// <summary>Says which duplicates get their answer again; null for all.</summary>
    public RepeatRule? MayRepeat { get; init; }

    /// <summary>What goes out from here of our own accord.</summary>
    public Outbox Outbox => _outbox;

    /// <summary>What this endpoint counts.</summary>
    public CoapCounters Counters => _counters;

    /// <summary>Requests that are not answered yet.</summary>
    public int InWork => _exchanges.Counts.InWork;

    private static byte[] Scratch => _scratch ??= GC.AllocateUninitializedArray<byte>(CoapCodec.MaxDatagramSize);

    /// <summary>Takes one datagram. Only the thread that receives calls it.</summary>
    public void Receive(in Peer peer, ReadOnlySpan<byte> datagram)
    {
        _counters.Datagram();
        if (!peer.CanBeAnswered)
        {
            Drop(peer, DropReason.ForgedSource);
            return;
        }

        var hash = _exchanges.Expect(peer, datagram);
        if (!CoapCodec.TryRead(datagram, out var message, out var error))
        {
            OnMalformed(peer, datagram, error);
            return;
        }

        switch (message.Type)
        {
            case MessageType.Confirmable or MessageType.NonConfirmable when message.Code.IsRequest:
                OnRequest(peer, hash, message);
                break;
            case not MessageType.Reset when message.Code.IsResponse:
                _requests.Take(peer, message.ToMessage());
                break;
            case MessageType.Confirmable:
                // RFC 7252 §4.2, §4.3: a ping (empty) and a reserved class are rejected.
                SendEmpty(peer, MessageType.Reset, message.Id);
                break;
            case MessageType.Acknowledgement when message.Code.IsEmpty:
                _outbox.Settle(peer, message.Id, TransmissionEnd.Acknowledged);
                break;
            case MessageType.Reset when message.Code.IsEmpty:
                OnReset(peer, message.Id);
                break;
        }

        // What is left is ignored: a NON may be (RFC 7252 §4.3), and so is an ACK or RST with a request in it.
    }

    /// <summary>Notes that a datagram is dropped without a word.</summary>
    public void Drop(in Peer peer, DropReason reason)
    {
        _counters.Drop(reason);
        _log.Dropped(peer, reason);
    }

    /// <summary>Sends a request from this side's socket, CON or NON, and waits for the answer; token and message ID are given here.</summary>
    /// <exception cref="CoapClientException">There is no answer.</exception>
    public Task<CoapMessage> RequestAsync(Peer peer, CoapMessage request, CancellationToken cancellation) =>
        _requests.RequestAsync(peer, request, cancellation);

    /// <summary>Ends our requests to the peer: it can't be reached.</summary>
    public void FailRequests(Peer peer, CoapClientException reason) => _requests.FailAll(peer, reason);

    /// <summary>Takes no new requests from now on: a CON comes again, by when a successor may listen. Done when those in work are answered.</summary>
    public Task DrainAsync() => _exchanges.DrainAsync();

    public void Dispose()
    {
        // What was counted stays; what it holds goes.
        var last = _exchanges.Counts with { InWork = 0, Known = 0, Peers = 0 };
        _counters.Exchanges = () => last;
        _exchanges.Dispose();
        _requests.Dispose();
        _outbox.Dispose();
    }

    private void OnMalformed(in Peer peer, ReadOnlySpan<byte> datagram, DecodeError error)
    {
        _counters.Malformation();
        _log.Malformed(peer, datagram.Length, error);

        // RFC 7252 §4.2: a CON with a format error is rejected; §4.3: anything else is ignored.
        if (error.IsFormatError() && CoapCodec.TypeOf(datagram) == MessageType.Confirmable)
        {
            SendEmpty(peer, MessageType.Reset, CoapCodec.IdOf(datagram));
        }
    }

    // Of a CON of ours, or of a request that went out as a NON.
    private void OnReset(in Peer peer, MessageId id)
    {
        if (!_outbox.Settle(peer, id, TransmissionEnd.Reset))
        {
            _requests.Reset(peer, id);
        }
    }

    private void OnRequest(in Peer peer, DatagramHash hash, MessageView request)
    {
        var now = _time.GetTimestamp();
        var scratch = Scratch;
        var arrival = _exchanges.Begin(peer, hash, request, now, scratch);
        switch (arrival.Kind)
        {
            case ArrivalKind.New:
                Answer(peer, request, arrival.Ticket, now);
                break;
            case ArrivalKind.Repeat or ArrivalKind.Absorbed:
                // RFC 7252 §4.5: a duplicate CON gets the same acknowledgement again, or none while there is none; a duplicate NON is ignored.
                _counters.Duplicate();
                _log.Duplicate(peer, request.Id);
                if (arrival.Length > 0 && MayRepeat?.Invoke(peer, request.Datagram.Length, arrival.Length) is not false)
                {
                    _send(peer, scratch.AsSpan(0, arrival.Length));
                }

                break;
            case ArrivalKind.TooMany or ArrivalKind.Overloaded:
                Refuse(peer, request, arrival.Kind == ArrivalKind.TooMany ? TooMany : Overloaded);
                break;
            default:
                Drop(peer, arrival.Kind == ArrivalKind.Silenced ? DropReason.RateLimited : DropReason.Stopping);
                break;
        }
    }

    private void Answer(in Peer peer, MessageView request, long ticket, long receivedAt)
    {
        var answer = _answer(peer, request, this);
        if (answer.IsCompletedSuccessfully)
        {
            var response = answer.Result;
            var length = Write(Scratch, peer, request.Type, request.Id, request.Token, response);
            Finish(peer, ticket, Scratch.AsSpan(0, length), isRemembered: request.Type == MessageType.NonConfirmable, response);
            return;
        }

        // Nobody awaits the task: it ends in Complete, and that is what DrainAsync waits for.
        var exchange = new Exchange(peer, request.Type, request.Id, request.Token, ticket);
        _exchanges.Defer(exchange, receivedAt);
        _ = AnswerLaterAsync(exchange, answer);
    }

    private async Task AnswerLaterAsync(Exchange exchange, ValueTask<CoapResponse?> answer)
    {
        CoapResponse? response;
        try
        {
            response = await answer.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // The request layer turns failures into answers. Should one slip through, the exchange must end all the same.
            _log.AnswerFailed(exchange.Peer, exchange.Id, exception);
            response = new CoapResponse(CoapCode.InternalServerError);
        }

        Complete(exchange, response);
    }

    private void Complete(Exchange exchange, CoapResponse? response)
    {
        // Remembered before it is sent: the receiving thread may have a duplicate right behind it.
        var answer = Scratch.AsSpan(0, Write(Scratch, exchange.Peer, exchange.Type, exchange.Id, exchange.Token, response));
        if (_exchanges.TryAcknowledge(exchange, answer) || exchange.Type == MessageType.NonConfirmable)
        {
            Finish(exchange.Peer, exchange.Ticket, answer, isRemembered: true, response);
            return;
        }

        if (response is { SentOnce: true })
        {
            var length = Write(Scratch, exchange.Peer, MessageType.NonConfirmable, exchange.Id, exchange.Token, response);
            _send(exchange.Peer, Scratch.AsSpan(0, length));
        }
        else if (response is not null)
        {
            // RFC 7252 §5.2.2: the request is acknowledged already, so its answer is a CON that is acknowledged itself.
            _outbox.Send(exchange.Peer, response.ToMessage(MessageType.Confirmable, default, exchange.Token));
        }

        _counters.Request(response?.Code);
        _exchanges.End(exchange.Ticket, []);
        response?.Sent?.Invoke();
    }

    // Before its answer is sent an exchange is not over: who waits for that may close the socket.
    private void Finish(in Peer peer, long ticket, ReadOnlySpan<byte> datagram, bool isRemembered, CoapResponse? response)
    {
        if (!datagram.IsEmpty)
        {
            // What follows an answer, such as a notification, may come from another thread, and must not overtake it.
            _send(peer, datagram, atOnce: response?.Sent is not null);
        }

        _counters.Request(response?.Code);
        _exchanges.End(ticket, isRemembered ? [] : datagram);
        response?.Sent?.Invoke();
    }

    // Too many are answered, and not remembered: a retransmission is judged anew.
    private void Refuse(in Peer peer, MessageView request, CoapResponse response)
    {
        var length = Write(Scratch, peer, request.Type, request.Id, request.Token, response);
        _send(peer, Scratch.AsSpan(0, length));
        _counters.Request(response.Code);
    }

    // What answers a request directly. A CON that gets no answer is acknowledged nevertheless, or it would come again and again.
    private int Write(Span<byte> destination, in Peer peer, MessageType request, MessageId id, Token token, CoapResponse? response)
    {
        if (request == MessageType.Confirmable)
        {
            if (response is not null)
            {
                return response.WriteTo(destination, MessageType.Acknowledgement, id, token);
            }

            CoapCodec.WriteEmpty(destination, MessageType.Acknowledgement, id);
            return CoapCodec.HeaderSize;
        }

        // RFC 7252 §5.2.3: a NON is answered by a NON.
        return response?.WriteTo(destination, MessageType.NonConfirmable, _outbox.IdFor(peer), token) ?? 0;
    }

    private void SendEmpty(in Peer peer, MessageType type, MessageId id)
    {
        Span<byte> datagram = stackalloc byte[CoapCodec.HeaderSize];
        CoapCodec.WriteEmpty(datagram, type, id);
        _send(peer, datagram);
    }

    private void Tick()
    {
        try
        {
            var due = new List<Exchange>();
            _exchanges.TakeDue(due);
            foreach (var exchange in due)
            {
                SendEmpty(exchange.Peer, MessageType.Acknowledgement, exchange.Id);
            }
        }
        catch (Exception exception)
        {
            _log.TickFailed(exception);
        }
    }
}
