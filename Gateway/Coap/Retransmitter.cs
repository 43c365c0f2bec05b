using System.Diagnostics.CodeAnalysis;

namespace Gateway.Coap;

/// <summary>
/// Our CON messages that wait to be acknowledged, and when each is sent again (RFC 7252 §4.2: exponential back-off).
/// Not thread-safe; the exchange table's lock guards it.
/// </summary>
internal sealed class Retransmitter(TransmissionParameters parameters, TimeProvider time, Random random)
{
    private readonly Dictionary<(Peer Peer, MessageId Id), Transmission> _waiting = [];

    // Settled ones stay until they come to the head: the queue can't give up one from its middle.
    private readonly PriorityQueue<Transmission, long> _deadlines = new();

    /// <summary>When the next one is due; <see cref="long.MaxValue"/> when none is.</summary>
    public long NextDeadline
    {
        get
        {
            while (_deadlines.TryPeek(out var transmission, out var deadline))
            {
                if (!transmission.Settled)
                {
                    return deadline;
                }

                _deadlines.Dequeue();
            }

            return long.MaxValue;
        }
    }

    public bool IsWaiting(Peer peer, MessageId id) => _waiting.ContainsKey((peer, id));

    public void Add(Peer peer, MessageId id, byte[] datagram, long now)
    {
        var transmission = new Transmission(peer, id, datagram, time.TimestampsIn(parameters.FirstTimeout(random)));
        _waiting.Add((peer, id), transmission);
        _deadlines.Enqueue(transmission, now + transmission.Timeout);
    }

    /// <summary>An acknowledgement or a reset came: no more is sent. False when nothing waited for it.</summary>
    public bool Settle(Peer peer, MessageId id)
    {
        if (!_waiting.Remove((peer, id), out var transmission))
        {
            return false;
        }

        transmission.Settled = true;
        return true;
    }

    /// <summary>Takes one that is due: to be sent again, or, if it is settled, given up after MAX_RETRANSMIT times.</summary>
    public bool TryTakeDue(long now, [NotNullWhen(true)] out Transmission? due)
    {
        due = null;
        if (NextDeadline > now)
        {
            return false;
        }

        due = _deadlines.Dequeue();
        if (due.Retransmissions == parameters.MaxRetransmit)
        {
            Settle(due.Peer, due.Id);
            return true;
        }

        due.Retransmissions++;
        due.Timeout *= 2;
        _deadlines.Enqueue(due, now + due.Timeout);
        return true;
    }
}
