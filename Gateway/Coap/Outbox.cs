using System.Buffers.Binary;

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
    /// <summary>How many CONs may wait in all, in flight or queued; one more is dropped.</summary>
    public const int MaxWaiting = 65_536;

    private readonly TransmissionParameters _parameters;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly DatagramSender _send;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();

    // From here on: guarded by _gate. One that was replaced is in _waiting under its former IDs too.
    private readonly Dictionary<(Peer Peer, MessageId Id), Transmission> _waiting = [];
    private readonly Dictionary<Peer, OutboxLane> _lanes = [];
    private readonly Retransmitter _retransmitter;
    private readonly MessageIds _ids;
    private long _timerDeadline = Retransmitter.Never;
    private bool _closed;

    public Outbox(TransmissionParameters parameters, TimeProvider time, Random random, ILogger log, DatagramSender send)
    {
        (_parameters, _time, _log, _send) = (parameters, time, log, send);
        _retransmitter = new Retransmitter(parameters, time, random);
        _ids = new MessageIds(random);
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
            id = NewId(peer);
            Stamp(datagram, id);
            if (message.Type == MessageType.Confirmable)
            {
                transmission = new Transmission(peer, id, datagram, ended);
                admitted = TryAdmit(transmission);
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
            if (!_waiting.TryGetValue((peer, id), out var transmission))
            {
                return false;
            }

            if (transmission.InFlight)
            {
                transmission.Newer = datagram;
            }
            else
            {
                Stamp(datagram, transmission.Id);
                transmission.Replace(datagram);
            }

            return true;
        }
    }

    /// <summary>An empty ACK or RST, or a piggybacked answer, came for a message of ours. False when nothing waited for it.</summary>
    public bool Settle(Peer peer, MessageId id, TransmissionEnd end)
    {
        Transmission? ended = null;
        byte[]? next;
        lock (_gate)
        {
            if (!_waiting.TryGetValue((peer, id), out var transmission) || !transmission.InFlight)
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
                ForgetFormerIds(transmission);
                BecomeNewer(transmission);
                next = Launch(transmission);
            }
            else
            {
                ended = transmission;
                next = End(transmission);
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

    /// <summary>Drops what waits, and whatever is sent from now on.</summary>
    public void Dispose()
    {
        Transmission[] dropped;
        lock (_gate)
        {
            _closed = true;
            dropped = [.. _waiting.Values.Distinct()];
            _waiting.Clear();
            _lanes.Clear();
            _timer.Dispose();
        }

        foreach (var transmission in dropped)
        {
            transmission.Ended?.Invoke(TransmissionEnd.Dropped);
        }
    }

    // Encoded before the lock is taken, a message learns its ID under it: its third and fourth byte (RFC 7252 §3).
    private static void Stamp(byte[] datagram, MessageId id) => BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), id.Value);

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
            while (_retransmitter.TryTakeDue(now, out var due))
            {
                if (_retransmitter.TryAgain(due, now))
                {
                    if (due.Newer is not null)
                    {
                        BecomeNewer(due);
                    }

                    Metrics?.Retransmission();
                    datagrams.Add((due.Peer, due.Datagram));
                    continue;
                }

                givenUp.Add(due);
                if (End(due) is { } next)
                {
                    datagrams.Add((due.Peer, next));
                }
            }

            _timerDeadline = Retransmitter.Never;
            ArmTimer();
        }
    }

    // Under _gate. Two messages to one peer that both wait to be acknowledged must differ in their IDs.
    private MessageId NewId(Peer peer)
    {
        MessageId id;
        do
        {
            id = _ids.NextFor(peer);
        }
        while (_waiting.ContainsKey((peer, id)));

        return id;
    }

    // Under _gate.
    private bool TryAdmit(Transmission transmission)
    {
        if (_closed || _waiting.Count >= MaxWaiting)
        {
            return false;
        }

        if (!_lanes.TryGetValue(transmission.Peer, out var lane))
        {
            lane = new OutboxLane(_parameters.Nstart);
            _lanes.Add(transmission.Peer, lane);
        }

        if (!lane.TryAdd(transmission))
        {
            return false;
        }

        _waiting.Add((transmission.Peer, transmission.Id), transmission);
        if (transmission.InFlight)
        {
            Launch(transmission);
            ArmTimer();
        }

        return true;
    }

    // Under _gate. Returns what is to be sent.
    private byte[] Launch(Transmission transmission)
    {
        _retransmitter.Start(transmission, _time.GetTimestamp());
        return transmission.Datagram;
    }

    // Under _gate. Returns what is to be sent in its place.
    private byte[]? End(Transmission transmission)
    {
        _retransmitter.Stop(transmission);
        _waiting.Remove((transmission.Peer, transmission.FirstId));
        _waiting.Remove((transmission.Peer, transmission.Id));
        ForgetFormerIds(transmission);
        var lane = _lanes[transmission.Peer];
        if (lane.TryNext(out var next))
        {
            return Launch(next);
        }

        if (lane.IsEmpty)
        {
            _lanes.Remove(transmission.Peer);
        }

        return null;
    }

    // Under _gate.
    private void ForgetFormerIds(Transmission transmission)
    {
        foreach (var former in transmission.FormerIds)
        {
            _waiting.Remove((transmission.Peer, former));
        }

        transmission.ForgetFormerIds();
    }

    // Under _gate. RFC 7641 §4.5.2: "transmitted with a new Message ID".
    private void BecomeNewer(Transmission transmission)
    {
        var id = NewId(transmission.Peer);
        Stamp(transmission.Newer!, id);
        transmission.BecomeNewer(id);
        _waiting.Add((transmission.Peer, id), transmission);
    }

    // Under _gate. The timer is set only when it would come too late.
    private void ArmTimer()
    {
        var next = _retransmitter.NextDeadline;
        if (next < _timerDeadline)
        {
            _timerDeadline = next;
            _timer.Change(_time.TimerSpan(_time.GetTimestamp(), next), Timeout.InfiniteTimeSpan);
        }
    }
}
