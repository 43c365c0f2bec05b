using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Journal;

/// <summary>
/// The last sequence that was given, in a small file beside the journal: what is cut off the end of a WAL leaves no other trace.
/// It is written after each commit and never synced, so it costs a copy of twelve bytes, knows everything when the process is
/// killed, and may be some commits behind when the machine is. A journal that was closed in order has none.
/// <code>
/// +------------------+----------------+
/// | sequence, i64 LE | CRC-32C u32 LE |
/// +------------------+----------------+
/// </code>
/// Of the committer's thread alone.
/// </summary>
internal sealed class SequenceMark : IDisposable
{
    private const int Bytes = 12;
    private const string Suffix = "-last";

    private readonly string _path;
    private SafeFileHandle? _file;

    public SequenceMark(string journal)
    {
        _path = journal + Suffix;
        try
        {
            _file = File.OpenHandle(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            Sequence = Read(_file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            GiveUp();
        }
    }

    /// <summary>What it said when it was opened; 0 when it said nothing.</summary>
    public long Sequence { get; }

    public void Write(long sequence)
    {
        if (_file is null)
        {
            return;
        }

        Span<byte> mark = stackalloc byte[Bytes];
        BinaryPrimitives.WriteInt64LittleEndian(mark, sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(mark[sizeof(long)..], Crc32C.Of(mark[..sizeof(long)]));
        try
        {
            RandomAccess.Write(_file, mark, 0);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            GiveUp();
        }
    }

    /// <summary>Takes the file away: the journal is whole, and says by itself how far it reaches.</summary>
    public void Delete()
    {
        Dispose();
        try
        {
            File.Delete(_path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            GiveUp();
        }
    }

    public void Dispose() => GiveUp();

    // It only helps to tell of damage; no frame is refused for want of it.
    private void GiveUp()
    {
        _file?.Dispose();
        _file = null;
    }

    private static long Read(SafeFileHandle file)
    {
        Span<byte> mark = stackalloc byte[Bytes];
        return RandomAccess.Read(file, mark, 0) == Bytes && BinaryPrimitives.ReadUInt32LittleEndian(mark[sizeof(long)..]) == Crc32C.Of(mark[..sizeof(long)])
            ? BinaryPrimitives.ReadInt64LittleEndian(mark)
            : 0;
    }
}
