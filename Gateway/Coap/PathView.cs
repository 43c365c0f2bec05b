using System.Text;

namespace Gateway.Coap;

/// <summary>The Uri-Path options of a request where they stand in its datagram: the value of the first, and all that follows up to the end of the last.</summary>
internal readonly ref struct PathView
{
    private readonly int _start;

    private PathView(ReadOnlySpan<byte> bytes, int start, int count, int firstLength)
    {
        Bytes = bytes;
        (_start, Count, FirstLength) = (start, count, firstLength);
    }

    /// <summary>From the first segment's value to the end of the last, with the heads of the options between.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>How many segments there are.</summary>
    public int Count { get; }

    /// <summary>The bytes of the first segment; with it, <see cref="Bytes"/> say all.</summary>
    public int FirstLength { get; }

    /// <summary>The path and one segment more, which follows in the body.</summary>
    public PathView With(ReadOnlySpan<byte> body, int start, int length) => Count == 0
        ? new PathView(body.Slice(start, length), start, 1, length)
        : new PathView(body[_start..(start + length)], _start, Count + 1, FirstLength);

    /// <summary>The segments, decoded.</summary>
    public IReadOnlyList<string> Decode()
    {
        if (Count == 0)
        {
            return [];
        }

        var segments = new string[Count];
        segments[0] = Encoding.UTF8.GetString(Bytes[..FirstLength]);
        var reader = new OptionReader(Bytes[FirstLength..]);
        for (var index = 1; reader.MoveNext(); index++)
        {
            segments[index] = Encoding.UTF8.GetString(Bytes.Slice(FirstLength + reader.ValueStart, reader.ValueLength));
        }

        return segments;
    }
}
