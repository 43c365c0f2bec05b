using System.Diagnostics.CodeAnalysis;

namespace Gateway.Coap;

/// <summary>
/// Our CONs to one peer: at most NSTART in flight (RFC 7252 §4.7), and behind them, in their order, those that wait for one of
/// these to end. Not thread-safe; the outbox's lock guards it.
/// </summary>
internal sealed class OutboxLane(int nstart)
{
    /// <summary>How many may wait for room; one more is dropped.</summary>
    public const int MaxQueued = 16;

    private Queue<Transmission>? _queued;
    private int _inFlight;

    public bool IsEmpty => _inFlight == 0 && _queued is not { Count: > 0 };

    /// <summary>Takes one, into flight if there is room; false when too many wait already.</summary>
    public bool TryAdd(Transmission transmission)
    {
        if (_inFlight < nstart)
        {
            transmission.InFlight = true;
            _inFlight++;
            return true;
        }

        _queued ??= new Queue<Transmission>();
        if (_queued.Count >= MaxQueued)
        {
            return false;
        }

        _queued.Enqueue(transmission);
        return true;
    }

    /// <summary>One in flight has ended: the first of those that wait takes its place, if any does.</summary>
    public bool TryNext([NotNullWhen(true)] out Transmission? next)
    {
        next = null;
        if (_queued?.TryDequeue(out next) == true)
        {
            next.InFlight = true;
            return true;
        }

        _inFlight--;
        return false;
    }
}
