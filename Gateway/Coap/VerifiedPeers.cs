namespace Gateway.Coap;

/// <summary>
/// The peers that have shown that they receive where they say they are, each for a time. Bounded: at the bound the one that was asked for
/// longest ago goes, and has to show it again. May be called from any thread.
/// </summary>
/// <param name="capacity">How many there may be.</param>
/// <param name="lifetime">For how long one counts as verified, as timestamps.</param>
//
//   oldest ──► ... ──► newest      in the order in which they were last asked for; arrays of values, as in DuplicateCache
//
internal sealed class VerifiedPeers(int capacity, long lifetime)
{
    private const int None = SlotIndex.None;

    private readonly Lock _gate = new();

    // From here on: guarded by _gate.
    private readonly SlotIndex _index = new(capacity);
    private Entry[] _entries = [];
    private int _oldest = None;
    private int _newest = None;

    /// <summary>How many there are.</summary>
    public int CountAt(long now)
    {
        lock (_gate)
        {
            Forget(now);
            return _index.Count;
        }
    }

    public bool Contains(Peer peer, long now)
    {
        var hash = HashOf(ref peer);
        lock (_gate)
        {
            var slot = Find(peer, hash);
            if (slot == None)
            {
                return false;
            }

            Unlink(slot);
            if (_entries[slot].ExpiresAt <= now)
            {
                _index.Remove(slot);
                return false;
            }

            Append(slot);
            return true;
        }
    }

    public void Add(Peer peer, long now)
    {
        var hash = HashOf(ref peer);
        lock (_gate)
        {
            Forget(now);
            var slot = Find(peer, hash);
            if (slot == None)
            {
                slot = NewSlot(hash);
            }
            else
            {
                Unlink(slot);
            }

            _entries[slot].Peer = peer;
            _entries[slot].ExpiresAt = now + lifetime;
            Append(slot);
        }
    }

    // Which address of ours it asked makes no difference to where it is.
    private static ulong HashOf(ref Peer peer) => SeededHash.Of(peer = peer with { Local = default });

    private int Find(in Peer peer, ulong hash)
    {
        var slot = _index.Find(hash);
        while (slot != None && _entries[slot].Peer != peer)
        {
            slot = _index.FindNext(slot);
        }

        return slot;
    }

    // Who was not asked for as long as one counts as verified was verified before that.
    private void Forget(long now)
    {
        while (_oldest != None && _entries[_oldest].ExpiresAt <= now)
        {
            RemoveOldest();
        }
    }

    private int NewSlot(ulong hash)
    {
        if (_index.IsFull)
        {
            RemoveOldest();
        }

        var slot = _index.Add(hash);
        if (_entries.Length < _index.Length)
        {
            Array.Resize(ref _entries, _index.Length);
        }

        return slot;
    }

    private void RemoveOldest()
    {
        var slot = _oldest;
        Unlink(slot);
        _index.Remove(slot);
    }

    private void Append(int slot)
    {
        (_entries[slot].Older, _entries[slot].Newer) = (_newest, None);
        ref var before = ref _newest == None ? ref _oldest : ref _entries[_newest].Newer;
        before = slot;
        _newest = slot;
    }

    private void Unlink(int slot)
    {
        var (older, newer) = (_entries[slot].Older, _entries[slot].Newer);
        ref var olderLink = ref older == None ? ref _oldest : ref _entries[older].Newer;
        ref var newerLink = ref newer == None ? ref _newest : ref _entries[newer].Older;
        (olderLink, newerLink) = (newer, older);
    }

    private struct Entry
    {
        public Peer Peer;
        public long ExpiresAt;
        public int Older;
        public int Newer;
    }
}
