namespace Gateway.Coap;

/// <summary>
/// Answers that wait until their peer has shown where it is, by the request that they are for: what a POST did is not to be done again for
/// that. Bounded for each peer, in all and by the bytes; at a bound none is taken. May be called from any thread.
/// </summary>
/// <param name="maxPerPeer">How many may be of one peer.</param>
/// <param name="max">How many there may be in all.</param>
/// <param name="maxBytes">How many bytes they may take in all.</param>
/// <param name="lifetime">For how long one is kept, as timestamps.</param>
// What is there is never pushed out by what comes: who forges addresses could else have an honest peer's request carried out twice.
internal sealed class ParkedAnswers(int maxPerPeer, int max, long maxBytes, long lifetime)
{
    // What one takes beside its message: its objects, and its places in the tables.
    private const int Overhead = 512;

    private readonly Lock _gate = new();

    // From here on: guarded by _gate. The oldest stands first.
    private readonly LinkedList<Parked> _byAge = new();
    private readonly Dictionary<Peer, List<LinkedListNode<Parked>>> _byPeer = [];
    private long _bytes;

    public int CountAt(long now)
    {
        lock (_gate)
        {
            Expire(now);
            return _byAge.Count;
        }
    }

    /// <summary>Keeps the answer; false when there is no room.</summary>
    public bool TryPark(Peer peer, UInt128 request, CoapResponse answer, long now)
    {
        var bytes = answer.MaxSize + Overhead;
        lock (_gate)
        {
            Expire(now);
            var ofPeer = _byPeer.GetValueOrDefault(peer);
            if (ofPeer?.Count >= maxPerPeer || _byAge.Count >= max || _bytes + bytes > maxBytes)
            {
                return false;
            }

            if (ofPeer is null)
            {
                _byPeer.Add(peer, ofPeer = []);
            }

            // Copied: with a block, the body that it was cut from would be kept.
            var kept = answer with { Payload = answer.Payload.ToArray() };
            ofPeer.Add(_byAge.AddLast(new Parked(peer, request, kept, bytes, now + lifetime)));
            _bytes += bytes;
            return true;
        }
    }

    /// <summary>The answer to the request, which is given once; null when none is kept. Of several it is the oldest.</summary>
    public CoapResponse? Take(Peer peer, UInt128 request, long now)
    {
        lock (_gate)
        {
            Expire(now);
            if (_byPeer.GetValueOrDefault(peer)?.Find(parked => parked.Value.Request == request) is not { } found)
            {
                return null;
            }

            Remove(found);
            return found.Value.Answer;
        }
    }

    private void Expire(long now)
    {
        while (_byAge.First is { } oldest && oldest.Value.ExpiresAt <= now)
        {
            Remove(oldest);
        }
    }

    private void Remove(LinkedListNode<Parked> parked)
    {
        _byAge.Remove(parked);
        _bytes -= parked.Value.Bytes;
        var ofPeer = _byPeer[parked.Value.Peer];
        ofPeer.Remove(parked);
        if (ofPeer.Count == 0)
        {
            _byPeer.Remove(parked.Value.Peer);
        }
    }

    private sealed record Parked(Peer Peer, UInt128 Request, CoapResponse Answer, long Bytes, long ExpiresAt);
}
