namespace Gateway.Coap;

/// <summary>
/// The requests of the last minutes and what acknowledged them, by which duplicates are known (RFC 7252 §4.5). Bounded in all and for each
/// peer: at the bound the oldest is forgotten, so that its retransmission would be taken for a new request. Not thread-safe; the exchange
/// table's lock guards it.
/// </summary>
//
// Arrays of values rather than objects: hundreds of thousands that live for four minutes would have the garbage collector move each of them
// twice. An entry is in the index of hashes, and in two lines: that of all from the oldest to the newest, and that of its peer.
//
// RFC 7252 §4.5 asks for the peer and the message ID. Here the whole datagram counts, token and payload with it: two devices behind one NAT
// may come from one address and port, and then one must not get the other's answer.
internal sealed class DuplicateCache(int capacity, int capacityPerPeer)
{
    public const int None = SlotIndex.None;

    private readonly SlotIndex _index = new(capacity);
    private readonly PeerTable _peers = new(capacity);
    private Entry[] _entries = [];
    private int _oldest = None;
    private int _newest = None;

    /// <summary>How many requests are remembered.</summary>
    public int Count => _index.Count;

    public PeerTable Peers => _peers;

    /// <summary>How many were forgotten before their time, because there was no more room in all, or for their peer.</summary>
    public long Evicted { get; private set; }

    public long EvictedOfPeer { get; private set; }

    /// <summary>Says that the hash will be looked for shortly; needs no lock.</summary>
    public void Prefetch(ulong hash) => _index.Prefetch(hash);

    /// <summary>The slot of a request that is known, or <see cref="None"/>.</summary>
    /// <param name="peer">The slot of the one who sent it.</param>
    /// <param name="hash">The hash of its bytes.</param>
    /// <param name="now">The time, as a timestamp.</param>
    public int Find(int peer, ulong hash, long now)
    {
        // Past its time one may stand there still, behind an older one that has more; its message ID is free again.
        var slot = peer == None ? None : _index.Find(hash);
        while (slot != None && (_entries[slot].Peer != peer || _entries[slot].ExpiresAt <= now))
        {
            slot = _index.FindNext(slot);
        }

        return slot;
    }

    /// <summary>Copies what acknowledged a known request; returns how many bytes that are, 0 if nothing did yet.</summary>
    public int CopyAnswer(int slot, Span<byte> destination) => _entries[slot].Answer.CopyTo(destination);

    /// <summary>Takes note of a request, and of its peer if that is new; returns the ticket under which <see cref="Remember"/> knows it.</summary>
    public long Add(in Peer peer, DatagramHash hash, long expiresAt, long now)
    {
        Forget(now);
        var peerSlot = _peers.Find(peer, hash.Peer);
        if (peerSlot != None && _peers[peerSlot].Count == capacityPerPeer)
        {
            // Its peer stays known: it is about to get another.
            EvictedOfPeer++;
            Remove(_peers[peerSlot].Oldest, keepPeer: true);
        }
        else if (peerSlot == None)
        {
            peerSlot = _peers.Add(peer, hash.Peer);
        }

        var slot = _index.Add(hash.Whole);
        if (_entries.Length < _index.Length)
        {
            Array.Resize(ref _entries, _index.Length);
        }

        Append(slot, peerSlot, expiresAt);
        return ((long)_entries[slot].Generation << 32) | (uint)slot;
    }

    /// <summary>What is known of the peer whose request got the ticket just now.</summary>
    public ref PeerEntry PeerOf(long ticket) => ref _peers[_entries[(int)ticket].Peer];

    /// <summary>Keeps what acknowledged the request, unless that was forgotten meanwhile.</summary>
    public void Remember(long ticket, ReadOnlySpan<byte> answer)
    {
        ref var entry = ref _entries[(int)ticket];
        if (entry.Generation == (int)(ticket >> 32))
        {
            entry.Answer.Set(answer);
        }
    }

    // What is past its time goes first. A NON behind a CON waits for it here, which only costs room.
    private void Forget(long now)
    {
        while (_oldest != None && _entries[_oldest].ExpiresAt <= now)
        {
            Remove(_oldest, keepPeer: false);
        }

        if (_index.IsFull)
        {
            Evicted++;
            Remove(_oldest, keepPeer: false);
            if (_oldest != None)
            {
                // It will be the next.
                _index.PrefetchRemoval(_oldest);
            }
        }
    }

    private void Append(int slot, int peerSlot, long expiresAt)
    {
        ref var entry = ref _entries[slot];
        entry.Peer = peerSlot;
        entry.ExpiresAt = expiresAt;
        entry.NextOfPeer = None;
        entry.Older = _newest;
        entry.Newer = None;

        ref var before = ref _newest == None ? ref _oldest : ref _entries[_newest].Newer;
        before = slot;
        _newest = slot;

        ref var peer = ref _peers[peerSlot];
        ref var beforeOfPeer = ref peer.Newest == None ? ref peer.Oldest : ref _entries[peer.Newest].NextOfPeer;
        beforeOfPeer = slot;
        peer.Newest = slot;
        peer.Count++;
    }

    // It is always the oldest of its peer: what is the oldest of all is that too.
    private void Remove(int slot, bool keepPeer)
    {
        ref var entry = ref _entries[slot];
        ref var olderLink = ref entry.Older == None ? ref _oldest : ref _entries[entry.Older].Newer;
        ref var newerLink = ref entry.Newer == None ? ref _newest : ref _entries[entry.Newer].Older;
        olderLink = entry.Newer;
        newerLink = entry.Older;

        ref var peer = ref _peers[entry.Peer];
        peer.Oldest = entry.NextOfPeer;
        peer.Newest = peer.Oldest == None ? None : peer.Newest;
        if (--peer.Count == 0 && !keepPeer)
        {
            _peers.Remove(entry.Peer);
        }

        entry.Answer.Set([]);
        entry.Generation++;
        _index.Remove(slot);
    }

    private struct Entry
    {
        public long ExpiresAt;
        public int Peer;
        public int Older;
        public int Newer;
        public int NextOfPeer;

        // Counts how often the slot was given to another request.
        public int Generation;
        public AnswerBytes Answer;
    }
}
