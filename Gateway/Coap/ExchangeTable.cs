namespace Gateway.Coap;

/// <summary>
/// The requests that came in, in work and done: tells new ones from duplicates and from too many, and says when one is to be acknowledged
/// before its answer is there. Every method may be called from any thread; nothing is sent under its lock.
/// </summary>
internal sealed class ExchangeTable : IDisposable
{
    private readonly TimeProvider _time;
    private readonly int _maxInWork;
    private readonly long _piggybackTimeout;
    private readonly long _exchangeLifetime;
    private readonly long _nonLifetime;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();

    // From here on: guarded by _gate.
    private readonly DuplicateCache _known;
    private readonly RateLimiter _limiter;

    // CON requests whose answer was not there at once, with the time of their empty ACK. All wait equally long, so a queue has them in order.
    private readonly Queue<(Exchange Exchange, long Deadline)> _unacknowledged = new();
    private long _timerDeadline = long.MaxValue;
    private int _inWork;
    private TaskCompletionSource? _drained;

    /// <summary>An empty table. It calls <paramref name="tick"/> on the timer's thread when <see cref="TakeDue"/> has something to give.</summary>
    public ExchangeTable(CoapSettings settings, TransmissionParameters parameters, TimeProvider time, Action tick)
    {
        _time = time;
        _maxInWork = settings.MaxInWork;
        _piggybackTimeout = time.TimestampsIn(TimeSpan.FromSeconds(settings.PiggybackTimeoutSeconds));
        _exchangeLifetime = time.TimestampsIn(parameters.ExchangeLifetime);
        _nonLifetime = time.TimestampsIn(parameters.NonLifetime);
        _known = new DuplicateCache(settings.MaxExchanges, settings.MaxExchangesPerPeer);
        _limiter = new RateLimiter(settings, time);
        _timer = time.CreateTimer(_ => tick(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public ExchangeCounts Counts
    {
        get
        {
            lock (_gate)
            {
                return new ExchangeCounts(_inWork, _known.Count, _known.Peers.Count, _known.Evicted, _known.EvictedOfPeer);
            }
        }
    }

    /// <summary>By what a datagram is known. Says also that <see cref="Begin"/> will ask for it shortly; needs no lock.</summary>
    public DatagramHash Expect(in Peer peer, ReadOnlySpan<byte> datagram)
    {
        var peerHash = SeededHash.Of(peer);
        var hash = SeededHash.Of(peerHash, datagram);
        _known.Prefetch(hash);
        return new DatagramHash(peerHash, hash);
    }

    /// <summary>Begins an exchange, unless the request is a duplicate, or one too many.</summary>
    /// <param name="peer">Who sent it.</param>
    /// <param name="hash">By what it is known.</param>
    /// <param name="request">The request.</param>
    /// <param name="now">The time, as a timestamp.</param>
    /// <param name="repeat">Room for the bytes that a duplicate gets again.</param>
    public Arrival Begin(in Peer peer, DatagramHash hash, in MessageView request, long now, Span<byte> repeat)
    {
        var lifetime = request.Type == MessageType.Confirmable ? _exchangeLifetime : _nonLifetime;
        lock (_gate)
        {
            var knownPeer = _known.Peers.Find(peer, hash.Peer);
            var slot = _known.Find(knownPeer, hash.Whole, now);
            var isDuplicate = slot != DuplicateCache.None;
            var verdict = Judge(peer, knownPeer, isDuplicate, now, out var rate);
            if (verdict != RateVerdict.Admitted)
            {
                return new Arrival(verdict == RateVerdict.TooMany ? ArrivalKind.TooMany : ArrivalKind.Silenced);
            }

            if (isDuplicate)
            {
                var length = _known.CopyAnswer(slot, repeat);
                return new Arrival(length > 0 ? ArrivalKind.Repeat : ArrivalKind.Absorbed, Length: length);
            }

            if (_drained is not null)
            {
                return new Arrival(ArrivalKind.Draining);
            }

            if (_inWork >= _maxInWork)
            {
                return new Arrival(ArrivalKind.Overloaded);
            }

            _inWork++;
            var ticket = _known.Add(peer, hash, now + lifetime, now);
            _known.PeerOf(ticket).Rate = rate;
            return new Arrival(ArrivalKind.New, ticket);
        }
    }

    /// <summary>The answer is not there at once: a CON is to be acknowledged before its sender loses patience.</summary>
    public void Defer(Exchange exchange, long receivedAt)
    {
        if (exchange.Type != MessageType.Confirmable)
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
    /// The answer to a deferred request is there: whether it goes into the acknowledgement, which a duplicate then gets from now on; if not, that
    /// went out already, or never does (a NON).
    /// </summary>
    public bool TryAcknowledge(Exchange exchange, ReadOnlySpan<byte> acknowledgement)
    {
        lock (_gate)
        {
            exchange.Answered = true;
            var acknowledges = exchange.TryAcknowledge();
            if (acknowledges)
            {
                _known.Remember(exchange.Ticket, acknowledgement);
            }

            return acknowledges;
        }
    }

    /// <summary>Ends an exchange. A duplicate gets the acknowledgement again, if there is one.</summary>
    public void End(long ticket, ReadOnlySpan<byte> acknowledgement)
    {
        lock (_gate)
        {
            if (!acknowledgement.IsEmpty)
            {
                _known.Remember(ticket, acknowledgement);
            }

            ForgetAnswered();
            if (--_inWork == 0)
            {
                _drained?.TrySetResult();
            }
        }
    }

    /// <summary>Takes the requests that are to be acknowledged now, before their answers.</summary>
    public void TakeDue(List<Exchange> due)
    {
        Span<byte> acknowledgement = stackalloc byte[CoapCodec.HeaderSize];
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            ForgetAnswered();
            while (_unacknowledged.TryPeek(out var waiting) && waiting.Deadline <= now)
            {
                _unacknowledged.Dequeue();
                if (!waiting.Exchange.Answered && waiting.Exchange.TryAcknowledge())
                {
                    CoapCodec.WriteEmpty(acknowledgement, MessageType.Acknowledgement, waiting.Exchange.Id);
                    _known.Remember(waiting.Exchange.Ticket, acknowledgement);
                    due.Add(waiting.Exchange);
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

    // Under _gate. Also gives what is to be kept of the peer, which may not be known yet.
    private RateVerdict Judge(in Peer peer, int knownPeer, bool isDuplicate, long now, out RateState rate)
    {
        rate = knownPeer == PeerTable.None ? default : _known.Peers[knownPeer].Rate;
        var verdict = _limiter.Judge(peer, ref rate, isDuplicate, now);
        if (knownPeer != PeerTable.None)
        {
            _known.Peers[knownPeer].Rate = rate;
        }

        return verdict;
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
        if (_unacknowledged.TryPeek(out var oldest) && oldest.Deadline < _timerDeadline)
        {
            _timerDeadline = oldest.Deadline;
            _timer.Change(_time.TimerSpan(_time.GetTimestamp(), _timerDeadline), Timeout.InfiniteTimeSpan);
        }
    }
}

/// <summary>By what a request is known.</summary>
/// <param name="Peer">The hash of who sent it.</param>
/// <param name="Whole">The hash of that and of its bytes.</param>
internal readonly record struct DatagramHash(ulong Peer, ulong Whole);

/// <summary>How much an exchange table holds.</summary>
/// <param name="InWork">Requests that are not answered yet.</param>
/// <param name="Known">Requests by which duplicates are known.</param>
/// <param name="Peers">Those who sent them.</param>
/// <param name="Evicted">Requests forgotten before their time for want of room in all.</param>
/// <param name="EvictedOfPeer">The same, for want of room for their peer.</param>
internal readonly record struct ExchangeCounts(int InWork, int Known, int Peers, long Evicted, long EvictedOfPeer)
{
    public static ExchangeCounts operator +(ExchangeCounts left, ExchangeCounts right) => new(
        left.InWork + right.InWork,
        left.Known + right.Known,
        left.Peers + right.Peers,
        left.Evicted + right.Evicted,
        left.EvictedOfPeer + right.EvictedOfPeer);
}
