using Gateway.Journal;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Sinks;

/// <summary>
/// Readings as lines of JSON at the end of a file. The file is opened anew for each batch, which costs little beside the sync
/// that ends it: so a file that logrotate has moved, deleted or cut off is never written to by mistake, and the disk may go and
/// come back.
/// </summary>
internal sealed class FileSink(string name, string path) : ISink
{
    private static readonly ReadOnlyMemory<byte> LineEnd = "\n"u8.ToArray();

    // Of the one loop that calls.
    private readonly List<ReadOnlyMemory<byte>> _pieces = [];

    public string Name => name;

    public string Type => "file";

    public async Task WriteAsync(IReadOnlyList<JournalRecord> batch, CancellationToken cancellation)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }

        using var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        var end = RandomAccess.GetLength(file);
        _pieces.Clear();

        // A line that a crash or a full disk has torn is ended, so that the next one is not glued to it. Its reading comes again, whole.
        if (end > 0 && LastByte(file, end) != (byte)'\n')
        {
            _pieces.Add(LineEnd);
        }

        foreach (var record in batch)
        {
            AddLines(record.Readings);
        }

        await RandomAccess.WriteAsync(file, _pieces, end, cancellation);
        RandomAccess.FlushToDisk(file);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void AddLines(ReadOnlyMemory<byte> readings)
    {
        if (readings.IsEmpty)
        {
            return;
        }

        _pieces.Add(readings);
        if (readings.Span[^1] != (byte)'\n')
        {
            _pieces.Add(LineEnd);
        }
    }

    private static byte LastByte(SafeFileHandle file, long length)
    {
        Span<byte> last = stackalloc byte[1];
        RandomAccess.Read(file, last, length - 1);
        return last[0];
    }
}
