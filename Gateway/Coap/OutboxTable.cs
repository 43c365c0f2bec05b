using System.Diagnostics.CodeAnalysis;

namespace Gateway.Coap;

/// <summary>The CONs of ours that are under way, in flight or queued, and the IDs that they have. Not thread-safe; the outbox's lock guards it.</summary>
internal sealed class OutboxTable(TransmissionParameters parameters, TimeProvider time, Random random)
{
    /// <summary>How many CONs may wait in all, in flight or queued; one more is dropped.</summary>
    public const int MaxWaiting = 65_536;

    // One that was replaced is here under its former IDs too.
    private readonly Dictionary<(Peer Peer, MessageId Id), Transmission> _waiting = [];
    private readonly Dictionary<Peer, OutboxLane> _lanes = [];
    private readonly Retransmitter _retransmitter = new(parameters, time, random);
    private readonly MessageIds _ids = new(random);

    /// <summary>When the next one is due; <see cref="Retransmitter.Never"/> when none is.</summary>
    public long NextDeadline => _retransmitter.NextDeadline;

    public bool TryFind(Peer peer, MessageId id, [NotNullWhen(true)] out Transmission? transmission) =>
        _waiting.TryGetValue((peer, id), out transmission);

    /// <summary>An ID for the peer. Two messages to one peer that both wait to be acknowledged must differ in theirs.</summary>
    public MessageId NewId(Peer peer)
    {
        MessageId id;
        do
        {
            id = _ids.NextFor(peer);
        }
        while (_waiting.ContainsKey((peer, id)));

        return id;
    }

    /// <summary>Takes one, into flight if its peer's lane has room; false when too many wait already.</summary>
    public bool TryAdd(Transmission transmission)
    {
        if (_waiting.Count >= MaxWaiting)
        {
            return false;
        }

        if (!_lanes.TryGetValue(transmission.Peer, out var lane))
        {
            lane = new OutboxLane(parameters.Nstart);
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
        }

        return true;
    }

    /// <summary>It is over. Returns what is to be sent in its place.</summary>
    public byte[]? End(Transmission transmission)
    {
        _retransmitter.Stop(transmission);
        _waiting.Remove((transmission.Peer, transmission.FirstId));
        _waiting.Remove((transmission.Peer, transmission.Id));
        ForgetFormerIds(transmission);
        var lane = _lanes[transmission.Peer];
        if (!transmission.InFlight)
        {
            lane.Remove(transmission);
        }
        else if (lane.TryNext(out var next))
        {
            return Launch(next);
        }

        if (lane.IsEmpty)
        {
            _lanes.Remove(transmission.Peer);
        }

        return null;
    }

    /// <summary>It was acknowledged, and a newer message is there to go out in its place, with new patience. Returns that.</summary>
    public byte[] GoOn(Transmission transmission)
    {
        ForgetFormerIds(transmission);
        BecomeNewer(transmission);
        return Launch(transmission);
    }

    /// <summary>Takes one that is due. It is to be sent again, or else, after MAX_RETRANSMIT times, it is given up.</summary>
    public bool TryTakeDue(long now, [NotNullWhen(true)] out Transmission? due, out bool again)
    {
        again = false;
        if (!_retransmitter.TryTakeDue(now, out due))
        {
            return false;
        }

        again = _retransmitter.TryAgain(due, now);
        if (again && due.Newer is not null)
        {
            BecomeNewer(due);
        }

        return true;
    }

    /// <summary>Forgets all of them, and gives them back.</summary>
    public Transmission[] Clear()
    {
        Transmission[] all = [.. _waiting.Values.Distinct()];
        Array.ForEach(all, _retransmitter.Stop);
        _waiting.Clear();
        _lanes.Clear();
        return all;
    }

    private byte[] Launch(Transmission transmission)
    {
        _retransmitter.Start(transmission, time.GetTimestamp());
        return transmission.Datagram;
    }

    // RFC 7641 §4.5.2: "transmitted with a new Message ID".
    private void BecomeNewer(Transmission transmission)
    {
        var id = NewId(transmission.Peer);
        transmission.BecomeNewer(id);
        _waiting.Add((transmission.Peer, id), transmission);
    }

    private void ForgetFormerIds(Transmission transmission)
    {
        foreach (var former in transmission.FormerIds)
        {
            _waiting.Remove((transmission.Peer, former));
        }

        transmission.ForgetFormerIds();
    }
}
