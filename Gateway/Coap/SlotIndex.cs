namespace Gateway.Coap;

/// <summary>
/// Hands out numbers from 0 on for things that are kept in an array beside it, and finds them by a hash. It grows up to its capacity, and
/// makes no garbage. Not thread-safe.
/// </summary>
//
//   buckets   [ 2 ][ - ][ 0 ] ...          a bucket for each value of the hash's lowest bits, with the first slot of its chain
//                │        │
//   nodes     [ hash, next: - ][ hash, next: free ][ hash, next: - ] ...      a slot's number is its node's place
//
internal sealed class SlotIndex
{
    public const int None = -1;

    private const int InitialSize = 256;

    private readonly int _capacity;
    private int[] _buckets;
    private Node[] _nodes;
    private int _firstFree = None;
    private int _used;

    /// <param name="capacity">The most slots that can be taken at a time.</param>
    public SlotIndex(int capacity)
    {
        _capacity = capacity;
        _nodes = new Node[Math.Min(InitialSize, capacity)];
        _buckets = NewBuckets();
    }

    /// <summary>How many slots are taken.</summary>
    public int Count { get; private set; }

    public bool IsFull => Count == _capacity;

    /// <summary>How long the array beside it must be to have a place for each slot.</summary>
    public int Length => _nodes.Length;

    /// <summary>The first slot with the hash, or <see cref="None"/>. Whether it is the right one is for the caller to say.</summary>
    public int Find(ulong hash) => FindFrom(_buckets[BucketOf(hash)] - 1, hash);

    /// <summary>The next slot with the same hash, or <see cref="None"/>.</summary>
    public int FindNext(int slot) => FindFrom(_nodes[slot].Next, _nodes[slot].Hash);

    /// <summary>Takes a free slot.</summary>
    /// <exception cref="InvalidOperationException">There is none: look at <see cref="IsFull"/> first.</exception>
    public int Add(ulong hash)
    {
        if (IsFull)
        {
            throw new InvalidOperationException("no slot is free");
        }

        var slot = TakeFree();
        ref var bucket = ref _buckets[BucketOf(hash)];
        _nodes[slot] = new Node { Hash = hash, Next = bucket - 1 };
        bucket = slot + 1;
        Count++;
        return slot;
    }

    /// <summary>Gives a slot back.</summary>
    public void Remove(int slot)
    {
        ref var bucket = ref _buckets[BucketOf(_nodes[slot].Hash)];
        if (bucket - 1 == slot)
        {
            bucket = _nodes[slot].Next + 1;
        }
        else
        {
            var before = bucket - 1;
            while (_nodes[before].Next != slot)
            {
                before = _nodes[before].Next;
            }

            _nodes[before].Next = _nodes[slot].Next;
        }

        _nodes[slot].Next = _firstFree;
        _firstFree = slot;
        Count--;
    }

    private int FindFrom(int slot, ulong hash)
    {
        while (slot != None && _nodes[slot].Hash != hash)
        {
            slot = _nodes[slot].Next;
        }

        return slot;
    }

    private int TakeFree()
    {
        if (_firstFree != None)
        {
            var slot = _firstFree;
            _firstFree = _nodes[slot].Next;
            return slot;
        }

        if (_used == _nodes.Length)
        {
            Grow();
        }

        return _used++;
    }

    private void Grow()
    {
        Array.Resize(ref _nodes, (int)Math.Min(_nodes.Length * 2L, _capacity));
        _buckets = NewBuckets();

        // It grows only when no slot is free, so all that there are are in a chain.
        for (var slot = 0; slot < _used; slot++)
        {
            ref var bucket = ref _buckets[BucketOf(_nodes[slot].Hash)];
            _nodes[slot].Next = bucket - 1;
            bucket = slot + 1;
        }
    }

    // Slots are kept plus one, so that an array of zeros is empty.
    private int[] NewBuckets() => new int[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)_nodes.Length)];

    private int BucketOf(ulong hash) => (int)hash & (_buckets.Length - 1);

    private struct Node
    {
        public ulong Hash;

        // The next of the chain; of a slot that is not taken, the next one that is free.
        public int Next;
    }
}
