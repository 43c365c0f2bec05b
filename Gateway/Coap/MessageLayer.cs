namespace Gateway.Coap;

/// <summary>Hands a datagram to the socket. Called from any thread; does not throw for what the network does.</summary>
internal delegate void DatagramSender(Peer peer, ReadOnlySpan<byte> datagram);

/// <summary>Answers a request, now or later and on any thread; null is silence.</summary>
internal delegate ValueTask<CoapResponse?> RequestHandler(Peer peer, CoapMessage request);

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
// come back on any thread, ticks on the timer's. What came is in ExchangeTable and what we begin in Outbox,
// each behind its own lock; nothing is sent under either.
internal sealed class MessageLayer : IDisposable
{
    private readonly TimeProvider _time;
    private readonly CoapMetrics _metrics;
    private readonly ILogger _log;
    private readonly RequestHandler _answer;
    private readonly DatagramSender _send;
    private readonly ExchangeTable _exchanges;
    private readonly Outbox _outbox;

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
        (_time, _metrics, _log, _answer, _send) = (time, metrics, log, answer, send);
        _exchanges = new ExchangeTable(settings, parameters, time, Tick);
        _outbox = new Outbox(parameters, time, random, log, send) { Metrics = metrics };
    }

    /// <summary>Requests that are not answered yet.</summary>
    public int InWork => _exchanges.InWork;

    /// <summary>Takes one datagram. Only the thread that receives calls it.</summary>
    public void Receive(Peer peer, ReadOnlySpan<byte> datagram)
    {
        _metrics.Datagram();
        if (!CoapCodec.TryDecode(datagram, out var message, out var error))
        {
            OnMalformed(peer, datagram, error);
            return;
        }

        switch (message.Type)
        {
            case MessageType.Confirmable or MessageType.NonConfirmable when message.Code.IsRequest:
                OnRequest(peer, message, datagram);
                break;
            case MessageType.Confirmable:
                // RFC 7252 §4.2, §4.3: a ping (empty), a reserved class, and an answer that nobody asked for are all rejected.
                _send(peer, CoapCodec.Encode(CoapMessage.Reset(message.Id)));
                break;
            case MessageType.Acknowledgement or MessageType.Reset when message.Code.IsEmpty:
                _outbox.Settle(peer, message.Id, message.Type == MessageType.Reset ? TransmissionEnd.Reset : TransmissionEnd.Acknowledged);
                break;
        }

        // What is left is ignored: a NON may be (RFC 7252 §4.3), and an ACK or RST that says something answers nothing that we send.
    }

    /// <summary>Takes no new requests from now on: a CON comes again, by when a successor may listen. Done when those in work are answered.</summary>
    public Task DrainAsync() => _exchanges.DrainAsync();

    public void Dispose()
    {
        _exchanges.Dispose();
        _outbox.Dispose();
    }

    private void OnMalformed(Peer peer, ReadOnlySpan<byte> datagram, DecodeError error)
    {
        _metrics.Malformed();
        _log.Malformed(peer, datagram.Length, error);

        // RFC 7252 §4.2: a CON with a format error is rejected; §4.3: anything else is ignored.
        if (error.IsFormatError() && CoapCodec.TypeOf(datagram) == MessageType.Confirmable)
        {
            _send(peer, CoapCodec.Encode(CoapMessage.Reset(CoapCodec.IdOf(datagram))));
        }
    }

    private void OnRequest(Peer peer, CoapMessage request, ReadOnlySpan<byte> datagram)
    {
        var now = _time.GetTimestamp();
        var arrival = _exchanges.Begin(ExchangeKey.Of(peer, request.Id, datagram), request, now);
        if (arrival.Duplicate)
        {
            OnDuplicate(peer, request.Id, arrival.Repeat);
        }
        else if (arrival.Exchange is { } exchange)
        {
            Answer(exchange, request, now);
        }
    }

    // RFC 7252 §4.5: a duplicate CON gets the same acknowledgement again, or none while there is none; a duplicate NON is ignored.
    private void OnDuplicate(Peer peer, MessageId id, byte[]? repeat)
    {
        _metrics.Duplicate();
        _log.Duplicate(peer, id);
        if (repeat is not null)
        {
            _send(peer, repeat);
        }
    }

    private void Answer(Exchange exchange, CoapMessage request, long receivedAt)
    {
        var answer = _answer(exchange.Peer, request);
        if (answer.IsCompletedSuccessfully)
        {
            Complete(exchange, answer.Result);
            return;
        }

        // Nobody awaits the task: it ends in Complete, and that is what DrainAsync waits for.
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
        var datagram = _exchanges.Complete(exchange, response);
        _metrics.Request(response?.Code);
        if (datagram is not null)
        {
            _send(exchange.Peer, datagram);
        }
        else if (response is not null)
        {
            // RFC 7252 §5.2.2: a CON that is acknowledged already is answered by a CON; §5.2.3: a NON by a NON.
            var type = exchange.Confirmable ? MessageType.Confirmable : MessageType.NonConfirmable;
            _outbox.Send(exchange.Peer, response.ToMessage(type, default, exchange.Token));
        }
    }

    private void Tick()
    {
        try
        {
            var datagrams = new List<(Peer Peer, byte[] Datagram)>();
            _exchanges.TakeDue(datagrams);
            foreach (var (peer, datagram) in datagrams)
            {
                _send(peer, datagram);
            }
        }
        catch (Exception exception)
        {
            _log.TickFailed(exception);
        }
    }
}
