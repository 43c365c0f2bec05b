namespace Gateway.Coap;

/// <summary>What became of a request that came in: a new exchange, or a duplicate with what it gets again, or neither.</summary>
/// <param name="Exchange">The new exchange; null when there is none.</param>
/// <param name="Duplicate">Whether the request had come before.</param>
/// <param name="Repeat">For a duplicate, the datagram to send again; null for silence.</param>
internal readonly record struct Arrival(Exchange? Exchange, bool Duplicate, byte[]? Repeat);

/// <summary>
/// What the message layer remembers of the requests that came: exchanges in work and done, and when the next is to be acknowledged.
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

    // CON requests whose answer was not there at once, with the time of their empty ACK. All wait equally long, so a queue has them in order.
    private readonly Queue<(Exchange Exchange, long Deadline)> _unacknowledged = new();
    private long _timerDeadline = long.MaxValue;
    private int _inWork;
    private TaskCompletionSource? _drained;

    /// <summary>An empty table. It calls <paramref name="tick"/> on the timer's thread when <see cref="TakeDue"/> has something to give.</summary>
    public ExchangeTable(CoapSettings settings, TransmissionParameters parameters, TimeProvider time, Action tick)
    {
        _time = time;
        _piggybackTimeout = time.TimestampsIn(TimeSpan.FromSeconds(settings.PiggybackTimeoutSeconds));
        _exchangeLifetime = time.TimestampsIn(parameters.ExchangeLifetime);
        _nonLifetime = time.TimestampsIn(parameters.NonLifetime);
        _known = new DuplicateCache(settings.MaxExchanges);
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

    /// <summary>
    /// Ends the exchange with an answer, or with null for silence; returns what acknowledges the request. An answer that
    /// does not, because the request is acknowledged already or never is, is to be sent as a message of our own.
    /// </summary>
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
            return Remember(exchange, response is null ? exchange.AcknowledgeEmpty() : exchange.Piggyback(response));
        }
    }

    /// <summary>Takes the empty acknowledgements whose time has come.</summary>
    public void TakeDue(List<(Peer Peer, byte[] Datagram)> datagrams)
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
        var next = _unacknowledged.TryPeek(out var oldest) ? oldest.Deadline : long.MaxValue;
        if (next < _timerDeadline)
        {
            _timerDeadline = next;
            _timer.Change(_time.TimerSpan(_time.GetTimestamp(), next), Timeout.InfiniteTimeSpan);
        }
    }
}
