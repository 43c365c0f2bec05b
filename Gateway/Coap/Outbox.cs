namespace Gateway.Coap;

/// <summary>
/// The messages that this side begins: requests, separate answers, notifications. Gives each its ID, keeps a CON until it is
/// acknowledged, and sends it again with exponential back-off meanwhile (RFC 7252 §4.2). May be called from any thread.
/// </summary>
//
//              room in the lane        acknowledged, reset, given up
//   Send CON ──────────────────► in flight ─────────────────────────► ended; the next of the lane takes its place
//       │                         ▲      │ its time is over
//       ├── NSTART are in flight  │      └──► sent again, or given up after MAX_RETRANSMIT times
//       ├──► queued ──────────────┘
//       └── MaxQueued are queued, MaxWaiting wait in all ──► dropped
//
// One lock, one timer. Nothing is sent, and nobody told, under the lock.
internal sealed class Outbox : IDisposable
{
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly DatagramSender _send;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();

    // From here on: guarded by _gate.
    private readonly OutboxTable _table;
    private long _timerDeadline = Retransmitter.Never;
    private bool _closed;

    public Outbox(TransmissionParameters parameters, TimeProvider time, Random random, ILogger log, DatagramSender send)
    {
        (_time, _log, _send) = (time, log, send);
        _table = new OutboxTable(parameters, time, random);
        _timer = time.CreateTimer(_ => Tick(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Where retransmissions and what is given up are counted.</summary>
    public CoapMetrics? Metrics { get; init; }

    /// <summary>
    /// Gives the message its ID and sends it, as CON (kept until acknowledged, retransmitted with back-off) or NON. A CON waits
    /// while NSTART others to the peer are in flight.
    /// </summary>
    /// <param name="peer">Whom to.</param>
    /// <param name="message">The message; its ID is of no account.</param>
    /// <param name="ended">Called once, outside of all locks, when a CON is acknowledged, reset, given up or dropped. Must not throw.</param>
    public MessageId Send(Peer peer, CoapMessage message, Action<TransmissionEnd>? ended = null)
    {
        var datagram = CoapCodec.Encode(message);
        MessageId id;
        Transmission? transmission = null;
        var admitted = true;
        lock (_gate)
        {
            id = _table.NewId(peer);
            Transmission.Stamp(datagram, id);
            if (message.Type == MessageType.Confirmable)
            {
                transmission = new Transmission(peer, id, message.Token, datagram, ended);
                admitted = !_closed && _table.TryAdd(transmission);
                ArmTimer();
            }
        }

        if (!admitted)
        {
            _log.OutboxFull(peer, id);
            Metrics?.GivenUp();
            ended?.Invoke(TransmissionEnd.Dropped);
        }
        else if (transmission is null or { InFlight: true })
        {
            _send(peer, datagram);
        }

        return id;
    }

    /// <summary>An ID for a message to the peer that need not be acknowledged.</summary>
    public MessageId IdFor(Peer peer)
    {
        lock (_gate)
        {
            return _table.NewId(peer);
        }
    }

    /// <summary>
    /// Has a newer message take the place of a CON that still waits: at once if it has not gone out yet, otherwise as soon as the
    /// attempt under way is acknowledged or its time is over, and then with the same patience that is left (RFC 7641 §4.5.2). The
    /// CON keeps the ID that <see cref="Send"/> gave as its name here, and its <c>ended</c>. False when it waits no longer.
    /// </summary>
    public bool Replace(Peer peer, MessageId id, CoapMessage newer)
    {
        var datagram = CoapCodec.Encode(newer);
        lock (_gate)
        {
            if (!_table.TryFind(peer, id, out var transmission))
            {
                return false;
            }

            transmission.Replace(datagram);
            return true;
        }
    }

    /// <summary>An empty ACK or RST came for a message of ours. False when nothing waited for it.</summary>
    public bool Settle(Peer peer, MessageId id, TransmissionEnd end) => Settle(peer, id, end, request: null);

    /// <summary>A piggybacked answer came. False when no request with that token waited for it (RFC 7252 §5.3.2).</summary>
    public bool SettleRequest(Peer peer, MessageId id, Token token) => Settle(peer, id, TransmissionEnd.Acknowledged, token);

    private bool Settle(Peer peer, MessageId id, TransmissionEnd end, Token? request)
    {
        Transmission? ended = null;
        byte[]? next;
        lock (_gate)
        {
            if (!_table.TryFind(peer, id, out var transmission) || !transmission.InFlight
                || (request is { } token && !(transmission.IsRequest && transmission.Token == token)))
            {
                return false;
            }

            if (end == TransmissionEnd.Acknowledged && transmission.Id != id)
            {
                // The peer has what was replaced meanwhile; whether it has the newer one it has yet to say.
                return true;
            }

            if (end == TransmissionEnd.Acknowledged && transmission.Newer is not null)
            {
                next = _table.GoOn(transmission);
            }
            else
            {
                ended = transmission;
                next = _table.End(transmission);
            }

            ArmTimer();
        }

        if (next is not null)
        {
            _send(peer, next);
        }

        ended?.Ended?.Invoke(end);
        return true;
    }

    /// <summary>Stops sending a CON, by the ID that <see cref="Send"/> gave: nobody wants to know any more what becomes of it.</summary>
    public void Drop(Peer peer, MessageId id)
    {
        Transmission? transmission;
        byte[]? next;
        lock (_gate)
        {
            if (!_table.TryFind(peer, id, out transmission))
            {
                return;
            }

            next = _table.End(transmission);
            ArmTimer();
        }

        if (next is not null)
        {
            _send(peer, next);
        }

        transmission.Ended?.Invoke(TransmissionEnd.Dropped);
    }

    /// <summary>Drops what waits, and whatever is sent from now on.</summary>
    public void Dispose()
    {
        Transmission[] dropped;
        lock (_gate)
        {
            _closed = true;
            dropped = _table.Clear();
            _timer.Dispose();
        }

        foreach (var transmission in dropped)
        {
            transmission.Ended?.Invoke(TransmissionEnd.Dropped);
        }
    }

    private void Tick()
    {
        try
        {
            var datagrams = new List<(Peer Peer, byte[] Datagram)>();
            var givenUp = new List<Transmission>();
            TakeDue(datagrams, givenUp);
            foreach (var (peer, datagram) in datagrams)
            {
                _send(peer, datagram);
            }

            foreach (var transmission in givenUp)
            {
                _log.GivenUp(transmission.Peer, transmission.Id);
                Metrics?.GivenUp();
                transmission.Ended?.Invoke(TransmissionEnd.GivenUp);
            }
        }
        catch (Exception exception)
        {
            _log.TickFailed(exception);
        }
    }

    private void TakeDue(List<(Peer Peer, byte[] Datagram)> datagrams, List<Transmission> givenUp)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            var now = _time.GetTimestamp();
            while (_table.TryTakeDue(now, out var due, out var again))
            {
                if (again)
                {
                    Metrics?.Retransmission();
                    datagrams.Add((due.Peer, due.Datagram));
                    continue;
                }

                givenUp.Add(due);
                if (_table.End(due) is { } next)
                {
                    datagrams.Add((due.Peer, next));
                }
            }

            _timerDeadline = Retransmitter.Never;
            ArmTimer();
        }
    }

    // Under _gate. The timer is set only when it would come too late.
    private void ArmTimer()
    {
        var next = _table.NextDeadline;
        if (next < _timerDeadline && !_closed)
        {
            _timerDeadline = next;
            _timer.Change(_time.TimerSpan(_time.GetTimestamp(), next), Timeout.InfiniteTimeSpan);
        }
    }
}
