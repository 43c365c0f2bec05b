using Microsoft.Win32.SafeHandles;

namespace Gateway.Sinks;

/// <summary>
/// Lines at the end of a file. It is opened anew each time, which costs little beside the sync that ends it: so a file that somebody has
/// moved, deleted or cut off is never written to by mistake, and the disk may go and come back.
/// </summary>
internal static class LineFile
{
    private static readonly ReadOnlyMemory<byte> LineEnd = "\n"u8.ToArray();

    /// <summary>Appends pieces, the last of which ends a line. When it returns they are on disk.</summary>
    public static void Append(string path, IReadOnlyList<ReadOnlyMemory<byte>> pieces)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }

        using var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        var end = RandomAccess.GetLength(file);

        // A line that a crash or a full disk has torn is ended, so that the next one is not glued to it. What it told comes again, whole.
        if (end > 0 && LastByte(file, end) != (byte)'\n')
        {
            RandomAccess.Write(file, LineEnd.Span, end++);
        }

        RandomAccess.Write(file, pieces, end);
        RandomAccess.FlushToDisk(file);
    }

    private static byte LastByte(SafeFileHandle file, long length)
    {
        Span<byte> last = stackalloc byte[1];
        RandomAccess.Read(file, last, length - 1);
        return last[0];
    }
}
