namespace Gateway.Coap;

/// <summary>The paths that were asked for lately, decoded, so that the thousandth request for one makes no strings. The receiving thread's own.</summary>
// A place for each hash: bounded, whatever is asked for. Where many paths share a place, taking turns would help none of them and leave
// garbage behind; so one comes in only when it is asked for twice while the one that is there is not asked for.
internal sealed class PathCache
{
    private const int Size = 1024;

    // Longer ones are decoded each time: what is kept is to stay small.
    private const int MaxBytes = 128;

    private readonly Known?[] _known = new Known?[Size];

    // The hash of the path that was asked for last instead of the one of the place; 0 for none.
    private readonly ulong[] _rivals = new ulong[Size];

    public IReadOnlyList<string> Decode(PathView path)
    {
        if (path.Count == 0 || path.Bytes.Length > MaxBytes)
        {
            return path.Decode();
        }

        var hash = SeededHash.Of((ulong)path.Count, path.Bytes);
        ref var known = ref _known[hash % Size];
        ref var rival = ref _rivals[hash % Size];
        if (known is not null && known.Is(path))
        {
            rival = 0;
            return known.Path;
        }

        var decoded = path.Decode();
        var comesIn = known is null || rival == hash;
        known = comesIn ? new Known(path.Bytes.ToArray(), path.FirstLength, decoded) : known;
        rival = comesIn ? 0 : hash;
        return decoded;
    }

    private sealed record Known(byte[] Bytes, int FirstLength, IReadOnlyList<string> Path)
    {
        public bool Is(PathView path) => FirstLength == path.FirstLength && path.Bytes.SequenceEqual(Bytes);
    }
}
