using System.Diagnostics.CodeAnalysis;

namespace Gateway.Coap;

/// <summary>When each of our CONs that are in flight is sent again (RFC 7252 §4.2: exponential back-off). Not thread-safe; the outbox's lock guards it.</summary>
internal sealed class Retransmitter(TransmissionParameters parameters, TimeProvider time, Random random)
{
    public const long Never = long.MaxValue;

    private const int SmallQueue = 64;

    // The queue can't give up one from its middle: an entry that is not its transmission's deadline any more is skipped.
    private readonly PriorityQueue<Transmission, long> _deadlines = new();
    private int _running;

    /// <summary>When the next one is due; <see cref="Never"/> when none is.</summary>
    public long NextDeadline
    {
        get
        {
            while (_deadlines.TryPeek(out var transmission, out var deadline))
            {
                if (transmission.Deadline == deadline)
                {
                    return deadline;
                }

                _deadlines.Dequeue();
            }

            return Never;
        }
    }

    /// <summary>It goes out for the first time.</summary>
    public void Start(Transmission transmission, long now)
    {
        Stop(transmission);
        transmission.Retransmissions = 0;
        transmission.Timeout = time.TimestampsIn(parameters.FirstTimeout(random));
        Enqueue(transmission, now);
    }

    /// <summary>No more of it is sent.</summary>
    public void Stop(Transmission transmission)
    {
        if (transmission.Deadline != Never)
        {
            transmission.Deadline = Never;
            _running--;
        }
    }

    /// <summary>Takes one that is due; it is stopped, until it is sent <see cref="TryAgain">again</see>.</summary>
    public bool TryTakeDue(long now, [NotNullWhen(true)] out Transmission? due)
    {
        due = null;
        if (NextDeadline > now)
        {
            return false;
        }

        due = _deadlines.Dequeue();
        Stop(due);
        return true;
    }

    /// <summary>It goes out once more, with twice the patience; false after MAX_RETRANSMIT times.</summary>
    public bool TryAgain(Transmission transmission, long now)
    {
        if (transmission.Retransmissions >= parameters.MaxRetransmit)
        {
            return false;
        }

        transmission.Retransmissions++;
        transmission.Timeout *= 2;
        Enqueue(transmission, now);
        return true;
    }

    private void Enqueue(Transmission transmission, long now)
    {
        transmission.Deadline = now + transmission.Timeout;
        _deadlines.Enqueue(transmission, transmission.Deadline);
        _running++;
        if (_deadlines.Count > SmallQueue + (2 * _running))
        {
            Compact();
        }
    }

    // Most are acknowledged long before they are due: what is left of them must not pile up.
    private void Compact()
    {
        var running = _deadlines.UnorderedItems.Where(entry => entry.Element.Deadline == entry.Priority).ToArray();
        _deadlines.Clear();
        _deadlines.EnqueueRange(running);
    }
}
