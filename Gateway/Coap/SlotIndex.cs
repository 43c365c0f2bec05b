using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Gateway.Coap;

/// <summary>
/// Hands out numbers from 0 on for things that are kept in an array beside it, and finds them by a hash. It grows up to its capacity, and
/// makes no garbage. Not thread-safe.
/// </summary>
//
//   cells    ... [ - ][ tag, slot 7 ][ tag, slot 2 ][ - ] ...      open addressing: a thing is at the place that its hash names, or behind it
//                              │             │
//   hashes   ... [ hash ] ... [ hash ]    [ hash ] ...             by slot; of a free one, the next that is free
//
// With hundreds of thousands of things, what counts is how often memory is touched that is in no cache. To find, to add and to remove is one
// place each, for the tag tells nearly always whether the thing is the right one; and Prefetch has that place fetched while there is other work.
internal sealed class SlotIndex
{
    public const int None = -1;

    private const int InitialSize = 256;

    // Cells for each slot: with at most half of them taken, a walk is short.
    private const int CellsPerSlot = 2;

    private readonly int _capacity;
    private ulong[] _hashes;
    private Cell[] _cells;
    private int _firstFree = None;
    private int _used;

    /// <param name="capacity">The most slots that can be taken at a time.</param>
    public SlotIndex(int capacity)
    {
        _capacity = capacity;
        _hashes = new ulong[Math.Min(InitialSize, capacity)];
        _cells = NewCells();
    }

    /// <summary>How many slots are taken.</summary>
    public int Count { get; private set; }

    public bool IsFull => Count == _capacity;

    /// <summary>How long the array beside it must be to have a place for each slot.</summary>
    public int Length => _hashes.Length;

    /// <summary>The first slot with the hash, or <see cref="None"/>. Whether it is the right one is for the caller to say.</summary>
    public int Find(ulong hash) => FindFrom(HomeOf((uint)hash), hash);

    /// <summary>The next slot with the same hash, or <see cref="None"/>.</summary>
    public int FindNext(int slot) => FindFrom(Next(PlaceOf(slot)), _hashes[slot]);

    /// <summary>Takes a free slot.</summary>
    /// <exception cref="InvalidOperationException">There is none: look at <see cref="IsFull"/> first.</exception>
    public int Add(ulong hash)
    {
        if (IsFull)
        {
            throw new InvalidOperationException("no slot is free");
        }

        var slot = TakeFree();
        _hashes[slot] = hash;
        Place(slot);
        Count++;
        return slot;
    }

    /// <summary>Gives a slot back.</summary>
    public void Remove(int slot)
    {
        var cells = _cells;
        var gap = PlaceOf(slot);

        // What comes behind moves up, if it may stand there: so a walk need never step over a place that is empty.
        for (var place = Next(gap); cells[place].IsTaken; place = Next(place))
        {
            var fromHome = (place - HomeOf(cells[place].Tag)) & (cells.Length - 1);
            var fromGap = (place - gap) & (cells.Length - 1);
            if (fromHome >= fromGap)
            {
                cells[gap] = cells[place];
                gap = place;
            }
        }

        cells[gap] = default;
        _hashes[slot] = (ulong)_firstFree;
        _firstFree = slot;
        Count--;
    }

    /// <summary>Says that the hash will be asked for shortly. May be called without the lock, and from any thread: it changes nothing.</summary>
    public void Prefetch(ulong hash)
    {
        if (Sse.IsSupported)
        {
            var cells = _cells;
            Fetch(ref cells[(int)hash & (cells.Length - 1)]);
        }
    }

    /// <summary>Says that the slot will be removed shortly.</summary>
    public void PrefetchRemoval(int slot) => Prefetch(_hashes[slot]);

    // A hint: it can't fault, wherever the garbage collector has put the array meanwhile.
    private static unsafe void Fetch(ref Cell cell) => Sse.Prefetch0(Unsafe.AsPointer(ref cell));

    private int FindFrom(int place, ulong hash)
    {
        var cells = _cells;
        var tag = (uint)hash;
        for (; cells[place].IsTaken; place = Next(place))
        {
            if (cells[place].Tag == tag && _hashes[cells[place].Slot] == hash)
            {
                return cells[place].Slot;
            }
        }

        return None;
    }

    private int PlaceOf(int slot)
    {
        var place = HomeOf((uint)_hashes[slot]);
        while (_cells[place].Slot != slot)
        {
            place = Next(place);
        }

        return place;
    }

    private void Place(int slot)
    {
        var tag = (uint)_hashes[slot];
        var place = HomeOf(tag);
        while (_cells[place].IsTaken)
        {
            place = Next(place);
        }

        _cells[place] = new Cell(tag, slot);
    }

    private int TakeFree()
    {
        if (_firstFree != None)
        {
            var slot = _firstFree;
            _firstFree = (int)_hashes[slot];
            return slot;
        }

        if (_used == _hashes.Length)
        {
            Grow();
        }

        return _used++;
    }

    private void Grow()
    {
        Array.Resize(ref _hashes, (int)Math.Min(_hashes.Length * 2L, _capacity));
        _cells = NewCells();

        // It grows only when no slot is free, so all that there are have their places.
        for (var slot = 0; slot < _used; slot++)
        {
            Place(slot);
        }
    }

    private Cell[] NewCells() => new Cell[BitOperations.RoundUpToPowerOf2((uint)_hashes.Length * CellsPerSlot)];

    private int HomeOf(uint tag) => (int)tag & (_cells.Length - 1);

    private int Next(int place) => (place + 1) & (_cells.Length - 1);

    /// <summary>A place of the index. A zero is an empty one.</summary>
    private readonly struct Cell(uint tag, int slot)
    {
        private readonly int _slotPlusOne = slot + 1;

        /// <summary>The lower half of the hash, which says where the cell belongs.</summary>
        public uint Tag { get; } = tag;

        public int Slot => _slotPlusOne - 1;

        public bool IsTaken => _slotPlusOne != 0;
    }
}
