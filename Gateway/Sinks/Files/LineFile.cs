using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Sinks;

/// <summary>
/// Lines at the end of a file. It is opened anew each time, which costs little beside the sync that ends it: so a file that somebody has
/// moved, deleted or cut off is never written to by mistake, and the disk may go and come back.
/// </summary>
internal static class LineFile
{
    private const byte LineEnd = (byte)'\n';
    private const int StepBytes = 256 << 10;

    /// <summary>
    /// Appends lines, one or several in each piece, which is given without its last line's end. When it returns they are on disk. The half of
    /// a line that a crash or a full disk has left is cut off when it is the beginning of one of these, which brings it again whole; what else
    /// has no end gets one.
    /// </summary>
    public static void Append(string path, IReadOnlyList<ReadOnlyMemory<byte>> pieces)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }

        using var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        var (needsEnd, longest) = (false, pieces.Max(piece => piece.Length));
        var end = RandomAccess.GetLength(file);
        if (TornLine(file, end, longest) is { Length: > 0 } torn)
        {
            if (pieces.Any(piece => HasLineFrom(piece, torn)))
            {
                end -= torn.Length;
                RandomAccess.SetLength(file, end);
            }
            else
            {
                needsEnd = true;
            }
        }

        Write(file, pieces, longest, end, needsEnd);
        RandomAccess.FlushToDisk(file);
    }

    // At once, or in a few steps: to hand each piece to the system by itself costs more than to copy it.
    private static void Write(SafeFileHandle file, IReadOnlyList<ReadOnlyMemory<byte>> pieces, int longest, long position, bool needsEnd)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(StepBytes, longest + 2));
        try
        {
            var length = 0;
            if (needsEnd)
            {
                buffer[length++] = LineEnd;
            }

            foreach (var piece in pieces)
            {
                if (length + piece.Length + 1 > buffer.Length)
                {
                    RandomAccess.Write(file, buffer.AsSpan(0, length), position);
                    (position, length) = (position + length, 0);
                }

                piece.Span.CopyTo(buffer.AsSpan(length));
                buffer[length + piece.Length] = LineEnd;
                length += piece.Length + 1;
            }

            RandomAccess.Write(file, buffer.AsSpan(0, length), position);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static bool HasLineFrom(ReadOnlyMemory<byte> piece, byte[] start)
    {
        for (var walk = new LineWalk(piece); walk.MoveNext();)
        {
            if (walk.Line.Span.StartsWith(start))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What stands behind the last line end, or more than the longest piece; nothing when the file ends as it should.</summary>
    private static byte[] TornLine(SafeFileHandle file, long end, int longest)
    {
        // Most often the last byte tells.
        Span<byte> last = stackalloc byte[1];
        if (end == 0 || (RandomAccess.Read(file, last, end - 1) == 1 && last[0] == LineEnd))
        {
            return [];
        }

        var tail = new byte[(int)Math.Min(end, longest + 1L)];
        var length = RandomAccess.Read(file, tail, end - tail.Length);
        return tail[(tail.AsSpan(0, length).LastIndexOf(LineEnd) + 1)..length];
    }
}
