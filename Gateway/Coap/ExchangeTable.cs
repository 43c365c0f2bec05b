namespace Gateway.Coap;

/// <summary>What became of a request that came in: a new exchange, or a duplicate with what it gets again, or neither.</summary>
/// <param name="Exchange">The new exchange; null when there is none.</param>
/// <param name="Duplicate">Whether the request had come before.</param>
/// <param name="Repeat">For a duplicate, the datagram to send again; null for silence.</param>
internal readonly record struct Arrival(Exchange? Exchange, bool Duplicate, byte[]? Repeat);

/// <summary>
/// All that the message layer remembers: exchanges in work and done, answers that wait to be acknowledged, and the next deadline.
/// Every method may be called from any thread; what is to be sent is handed back, so that no lock is held while it is.
/// </summary>
internal sealed class ExchangeTable : IDisposable
{
    private readonly TimeProvider _time;
    private readonly long _piggybackTimeout;
    private readonly long _exchangeLifetime;
    private readonly long _nonLifetime;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();

    // From here on: guarded by _gate.
    private readonly DuplicateCache _known;
    private readonly Retransmitter _retransmitter;

    // CON requests whose answer was not there at once, with the time of their empty ACK. All wait equally long, so a queue has them in order.
    private readonly Queue<(Exchange Exchange, long Deadline)> _unacknowledged = new();
    private MessageId _lastId;
    private long _timerDeadline = long.MaxValue;
    private int _inWork;
    private TaskCompletionSource? _drained;

    /// <summary>An empty table. It calls <paramref name="tick"/> on the timer's thread when <see cref="TakeDue"/> has something to give.</summary>
    public ExchangeTable(CoapSettings settings, TransmissionParameters parameters, TimeProvider time, Random random, Action tick)
    {
        _time = time;
        _piggybackTimeout = time.TimestampsIn(TimeSpan.FromSeconds(settings.PiggybackTimeoutSeconds));
        _exchangeLifetime = time.TimestampsIn(parameters.ExchangeLifetime);
        _nonLifetime = time.TimestampsIn(parameters.NonLifetime);
        _known = new DuplicateCache(settings.MaxExchanges);
        _retransmitter = new Retransmitter(parameters, time, random);

        // RFC 7252 §4.4: a random start is harder to guess, and to confuse with what was sent before a restart.
        _lastId = new MessageId((ushort)random.Next(ushort.MaxValue + 1));
        _timer = time.CreateTimer(_ => tick(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Requests that are not answered yet.</summary>
    public int InWork
    {
        get
        {
            lock (_gate)
            {
                return _inWork;
            }
        }
    }

    /// <summary>Begins an exchange, unless the request is a duplicate, or the table is being drained.</summary>
    public Arrival Begin(ExchangeKey key, CoapMessage request, long now)
    {
        lock (_gate)
        {
            if (_known.TryFind(key, now, out var acknowledgement))
            {
                return new Arrival(null, Duplicate: true, acknowledgement);
            }

            if (_drained is not null)
            {
                return default;
            }

            var confirmable = request.Type == MessageType.Confirmable;
            var sequence = _known.Add(key, now + (confirmable ? _exchangeLifetime : _nonLifetime), now);
            _inWork++;
            return new Arrival(new Exchange(key.Peer, key.Id, confirmable, request.Token, sequence), Duplicate: false, Repeat: null);
        }
    }

    /// <summary>The answer is not there at once: a CON is to be acknowledged before its sender loses patience.</summary>
    public void Defer(Exchange exchange, long receivedAt)
    {
        if (!exchange.Confirmable)
        {
            return;
        }

        lock (_gate)
        {
            _unacknowledged.Enqueue((exchange, receivedAt + _piggybackTimeout));
            ArmTimer();
        }
    }

    /// <summary>Ends the exchange with an answer, or with null for silence; returns what is to be sent.</summary>
    public byte[]? Complete(Exchange exchange, CoapResponse? response)
    {
        lock (_gate)
        {
            exchange.Answered = true;
            ForgetAnswered();
            if (--_inWork == 0)
            {
                _drained?.TrySetResult();
            }

            // A CON that gets no answer is acknowledged nevertheless, or it would come again and again.
            return response is null ? Remember(exchange, exchange.AcknowledgeEmpty())
                : Remember(exchange, exchange.Piggyback(response)) ?? Separate(exchange, response);
        }
    }

    /// <summary>A message of ours was acknowledged or reset.</summary>
    public void Settle(Peer peer, MessageId id)
    {
        lock (_gate)
        {
            _retransmitter.Settle(peer, id);
        }
    }

    /// <summary>Takes the empty acknowledgements and the retransmissions whose time has come, and those that are given up.</summary>
    public void TakeDue(List<(Peer Peer, byte[] Datagram)> datagrams, List<Transmission> givenUp)
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            ForgetAnswered();
            while (_unacknowledged.TryPeek(out var waiting) && waiting.Deadline <= now)
            {
                _unacknowledged.Dequeue();
                if (!waiting.Exchange.Answered && Remember(waiting.Exchange, waiting.Exchange.AcknowledgeEmpty()) is { } acknowledgement)
                {
                    datagrams.Add((waiting.Exchange.Peer, acknowledgement));
                }
            }

            while (_retransmitter.TryTakeDue(now, out var due))
            {
                if (due.Settled)
                {
                    givenUp.Add(due);
                }
                else
                {
                    datagrams.Add((due.Peer, due.Datagram));
                }
            }

            _timerDeadline = long.MaxValue;
            ArmTimer();
        }
    }

    /// <summary>Begins nothing new from now on; done when the exchanges in work are answered.</summary>
    public Task DrainAsync()
    {
        lock (_gate)
        {
            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_inWork == 0)
            {
                _drained.TrySetResult();
            }

            return _drained.Task;
        }
    }

    public void Dispose() => _timer.Dispose();

    // Under _gate. A duplicate gets the same bytes again.
    private byte[]? Remember(Exchange exchange, byte[]? acknowledgement)
    {
        if (acknowledgement is not null)
        {
            _known.Remember(exchange.Sequence, acknowledgement);
        }

        return acknowledgement;
    }

    // Under _gate.
    private byte[] Separate(Exchange exchange, CoapResponse response)
    {
        var id = NewId(exchange.Peer);
        if (!exchange.Confirmable)
        {
            // RFC 7252 §5.2.3: a NON is answered by a NON.
            return CoapCodec.Encode(response.ToMessage(MessageType.NonConfirmable, id, exchange.Token));
        }

        // RFC 7252 §5.2.2: the request is acknowledged already, so its answer is a CON that is acknowledged itself.
        var datagram = CoapCodec.Encode(response.ToMessage(MessageType.Confirmable, id, exchange.Token));
        _retransmitter.Add(exchange.Peer, id, datagram, _time.GetTimestamp());
        ArmTimer();
        return datagram;
    }

    // Under _gate. Two messages to one peer that both wait to be acknowledged must differ in their IDs.
    private MessageId NewId(Peer peer)
    {
        do
        {
            _lastId = _lastId.Next;
        }
        while (_retransmitter.IsWaiting(peer, _lastId));

        return _lastId;
    }

    // Under _gate.
    private void ForgetAnswered()
    {
        while (_unacknowledged.TryPeek(out var oldest) && oldest.Exchange.Answered)
        {
            _unacknowledged.Dequeue();
        }
    }

    // Under _gate. The timer is set only when it would come too late.
    private void ArmTimer()
    {
        var next = Math.Min(_retransmitter.NextDeadline, _unacknowledged.TryPeek(out var oldest) ? oldest.Deadline : long.MaxValue);
        if (next < _timerDeadline)
        {
            _timerDeadline = next;
            _timer.Change(_time.TimerSpan(_time.GetTimestamp(), next), Timeout.InfiniteTimeSpan);
        }
    }
}
