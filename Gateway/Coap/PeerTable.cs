namespace Gateway.Coap;

/// <summary>
/// The peers that have requests in the duplicate cache; one without any is forgotten. Not thread-safe; the exchange table's lock guards it.
/// </summary>
internal sealed class PeerTable(int capacity)
{
    public const int None = SlotIndex.None;

    private readonly SlotIndex _index = new(capacity);
    private PeerEntry[] _entries = [];

    public int Count => _index.Count;

    public ref PeerEntry this[int slot] => ref _entries[slot];

    /// <summary>The peer's slot, or <see cref="None"/>.</summary>
    public int Find(in Peer peer, ulong hash)
    {
        var slot = _index.Find(hash);
        while (slot != None && _entries[slot].Peer != peer)
        {
            slot = _index.FindNext(slot);
        }

        return slot;
    }

    public int Add(in Peer peer, ulong hash)
    {
        var slot = _index.Add(hash);
        if (_entries.Length < _index.Length)
        {
            Array.Resize(ref _entries, _index.Length);
        }

        _entries[slot] = new PeerEntry { Peer = peer, Oldest = None, Newest = None };
        return slot;
    }

    public void Remove(int slot) => _index.Remove(slot);
}

/// <summary>What is known of a peer.</summary>
internal struct PeerEntry
{
    public Peer Peer;

    /// <summary>How many requests of it are remembered, and the slots of the first and the last of them.</summary>
    public int Count;
    public int Oldest;
    public int Newest;

    public RateState Rate;
}
