using System.Buffers.Binary;
using Gateway.Coap.Dtls;

namespace Gateway.Storage;

/// <summary>DTLS sessions in a file of their own, each sealed with the store's key. Nobody misses more by its loss than handshakes.</summary>
//
//   file   | length (4) | sealed entry | length (4) | sealed entry | …      what a crash has cut off is left out when it is read
//
// It belongs into no backup: from an old one a session would take up again what its peer has long since gone on from.
internal sealed class SealedSessionFile(string path, SecretBox box) : ISessionVault
{
    private const string Place = "dtls sessions";
    private const int LengthSize = sizeof(int);

    private FileStream? _file;

    public IReadOnlyList<byte[]> Load() => Guarded(() =>
    {
        var entries = new List<byte[]>();
        var rest = File.Exists(path) ? File.ReadAllBytes(path).AsSpan() : [];
        while (rest.Length > LengthSize && BinaryPrimitives.ReadInt32LittleEndian(rest) is > 0 and var length && length <= rest.Length - LengthSize)
        {
            try
            {
                entries.Add(box.Open(rest.Slice(LengthSize, length), Place));
            }
            catch (StorageException) when (entries.Count > 0)
            {
                break;
            }

            rest = rest[(LengthSize + length)..];
        }

        return entries;
    });

    public void Append(IEnumerable<byte[]> entries) => Guarded(() =>
    {
        _file ??= Open(FileMode.Append);
        Write(entries);
        _file.Flush();
        return true;
    });

    // In place, for what a rename promises after a power failure is up to the file system; and what such a failure cuts off here are
    // sessions whose devices shake hands again.
    public void Replace(IEnumerable<byte[]> entries) => Guarded(() =>
    {
        _file?.Dispose();
        _file = null;
        _file = Open(FileMode.Create);
        Write(entries);
        _file.Flush(flushToDisk: true);
        return true;
    });

    public void Dispose() => _file?.Dispose();

    private FileStream Open(FileMode mode)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 1 << 16 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    private void Write(IEnumerable<byte[]> entries)
    {
        Span<byte> length = stackalloc byte[LengthSize];
        foreach (var entry in entries)
        {
            var sealedEntry = box.Seal(entry, Place);
            BinaryPrimitives.WriteInt32LittleEndian(length, sealedEntry.Length);
            _file!.Write(length);
            _file.Write(sealedEntry);
        }
    }

    private T Guarded<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StorageException)
        {
            throw new IOException($"the DTLS sessions in {path} (coap.dtls.sessions_path): {e.Message}", e);
        }
    }
}
