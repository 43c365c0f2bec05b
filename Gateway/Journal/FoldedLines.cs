using System.Buffers.Binary;
using System.Numerics;

namespace Gateway.Journal;

/// <summary>
/// Lines of which each is much like the one before, as the readings of one frame are: of a line is kept what it does not share with the one
/// before at its beginning and its end. Six readings of a sensor take a third of the room that way, and a hundred a sixth.
/// <code>
/// +----------------------+------------------+------+------------------+-----------------+-----+
/// | bytes of all, varint | length, varint   | line | begins as before | ends as before  | ... |
/// |                      | of the first     |      | varint           | varint          |     |
/// +----------------------+------------------+------+------------------+-----------------+-----+
///                                                   ...and between the two: length, varint; bytes
/// </code>
/// A line has its end, <c>\n</c>, with it. Any bytes fold and unfold to what they were.
/// </summary>
internal static class FoldedLines
{
    private const byte LineEnd = (byte)'\n';

    // The first line's length, or what a line shares at both ends and the length of its rest.
    private const int MostAroundLine = 3 * MaxVarUInt32Bytes;
    private const int MaxVarUInt32Bytes = 5;

    /// <summary>The room that <see cref="Write"/> may need.</summary>
    public static long MaxBytes(ReadOnlySpan<byte> lines) => MaxVarUInt32Bytes + lines.Length + ((lines.Count(LineEnd) + 1L) * MostAroundLine);

    public static void Write(ref FieldWriter writer, ReadOnlySpan<byte> lines)
    {
        writer.VarUInt32((uint)lines.Length);
        if (lines.IsEmpty)
        {
            return;
        }

        var before = FirstLine(lines);
        writer.Blob(before);
        for (var rest = lines[before.Length..]; !rest.IsEmpty;)
        {
            var line = FirstLine(rest);
            rest = rest[line.Length..];
            var start = line.CommonPrefixLength(before);
            var end = CommonEnd(line[start..], before[Math.Min(start, before.Length)..]);
            writer.VarUInt32((uint)start);
            writer.VarUInt32((uint)end);
            writer.Blob(line[start..^end]);
            before = line;
        }
    }

    /// <summary>Reads what <see cref="Write"/> has written; what does not fit makes the reader fail.</summary>
    public static ReadOnlyMemory<byte> Read(ref FieldReader reader)
    {
        var length = reader.VarUInt32();
        if (reader.Failed || length == 0)
        {
            return default;
        }

        if (length > JournalCodec.MaxRecordBytes)
        {
            reader.Fail();
            return default;
        }

        // The first line first: before a large array is made for a damaged number, something must fit.
        var first = reader.Bytes();
        if (reader.Failed || (uint)first.Length > length)
        {
            reader.Fail();
            return default;
        }

        var lines = reader.Room((int)length);
        first.CopyTo(lines.Span);
        Unfold(ref reader, lines.Span, first.Length);
        return reader.Failed ? default : lines;
    }

    private static void Unfold(ref FieldReader reader, Span<byte> lines, int position)
    {
        var before = lines[..position];
        while (position < lines.Length)
        {
            var (start, end) = (reader.VarUInt32(), reader.VarUInt32());
            var own = reader.Bytes();
            var line = (ulong)start + (uint)own.Length + end;
            if (reader.Failed || (ulong)start + end > (ulong)before.Length || line == 0 || line > (ulong)(lines.Length - position))
            {
                reader.Fail();
                return;
            }

            var place = lines.Slice(position, (int)line);
            before[..(int)start].CopyTo(place);
            own.CopyTo(place[(int)start..]);
            before[^(int)end..].CopyTo(place[^(int)end..]);
            position += (int)line;
            before = place;
        }
    }

    private static ReadOnlySpan<byte> FirstLine(ReadOnlySpan<byte> lines) => lines.IndexOf(LineEnd) is >= 0 and var end ? lines[..(end + 1)] : lines;

    private static int CommonEnd(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        const int word = sizeof(ulong);
        var (most, common) = (Math.Min(left.Length, right.Length), 0);
        while (common + Vector<byte>.Count <= most && new Vector<byte>(Before(left, common, Vector<byte>.Count)) == new Vector<byte>(Before(right, common, Vector<byte>.Count)))
        {
            common += Vector<byte>.Count;
        }

        for (; common + word <= most; common += word)
        {
            var different = BinaryPrimitives.ReadUInt64LittleEndian(Before(left, common, word)) ^ BinaryPrimitives.ReadUInt64LittleEndian(Before(right, common, word));
            if (different != 0)
            {
                // The last byte is the highest one.
                return common + (BitOperations.LeadingZeroCount(different) / 8);
            }
        }

        while (common < most && left[^(common + 1)] == right[^(common + 1)])
        {
            common++;
        }

        return common;
    }

    private static ReadOnlySpan<byte> Before(ReadOnlySpan<byte> bytes, int behind, int length) => bytes.Slice(bytes.Length - behind - length, length);
}
