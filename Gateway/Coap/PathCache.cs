namespace Gateway.Coap;

/// <summary>The paths that were asked for lately, decoded, so that the thousandth request for one makes no strings. The receiving thread's own.</summary>
// A place for each hash, and the later path takes the earlier one's: bounded, whatever is asked for.
internal sealed class PathCache
{
    private const int Size = 256;

    // Longer ones are decoded each time: what is kept is to stay small.
    private const int MaxBytes = 128;

    private readonly Known?[] _known = new Known?[Size];

    public IReadOnlyList<string> Decode(PathView path)
    {
        if (path.Count == 0 || path.Bytes.Length > MaxBytes)
        {
            return path.Decode();
        }

        ref var known = ref _known[SeededHash.Of((ulong)path.Count, path.Bytes) % Size];
        if (known is null || !known.Is(path))
        {
            known = new Known(path.Bytes.ToArray(), path.FirstLength, path.Decode());
        }

        return known.Path;
    }

    private sealed record Known(byte[] Bytes, int FirstLength, IReadOnlyList<string> Path)
    {
        public bool Is(PathView path) => FirstLength == path.FirstLength && path.Bytes.SequenceEqual(Bytes);
    }
}
