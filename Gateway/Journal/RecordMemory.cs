namespace Gateway.Journal;

/// <summary>
/// Memory that the payloads and readings of records are read into, again and again: for a reader that has done with one batch of records before
/// it reads the next. It grows to what the largest batch took, which <see cref="JournalReader"/> bounds. Of one thread at a time.
/// </summary>
internal sealed class RecordMemory
{
    // A batch of the usual frames takes a few of them.
    private const int PieceBytes = 256 << 10;

    private readonly List<byte[]> _pieces = [];
    private int _piece;
    private int _used;

    /// <summary>From now on all of it is free: what earlier records point to is overwritten.</summary>
    public void Reuse() => (_piece, _used) = (0, 0);

    /// <summary>So many bytes, with whatever stood there before.</summary>
    public Memory<byte> Take(int length)
    {
        if (length > PieceBytes)
        {
            // Too rare to be kept.
            return GC.AllocateUninitializedArray<byte>(length);
        }

        if (_used + length > PieceBytes)
        {
            (_piece, _used) = (_piece + 1, 0);
        }

        if (_piece == _pieces.Count)
        {
            _pieces.Add(GC.AllocateUninitializedArray<byte>(PieceBytes));
        }

        _used += length;
        return _pieces[_piece].AsMemory(_used - length, length);
    }
}
