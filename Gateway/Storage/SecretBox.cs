using System.Security.Cryptography;
using System.Text;

namespace Gateway.Storage;

/// <summary>Seals what must not be read by who gets hold of the store: AES-256-GCM under a key in a file of its own, which a backup of the store leaves out.</summary>
//
//   sealed   | 1 (the form) | nonce (12) | tag (16) | text |      the place that it belongs to is authenticated with it
//
internal sealed class SecretBox(StorageSettings settings)
{
    private const byte Form = 1;
    private const int KeySize = 32;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int HeadSize = 1 + NonceSize + TagSize;

    private readonly Lock _gate = new();

    // Guarded by _gate.
    private byte[]? _key;

    /// <summary>Seals a text for a place, such as the identity that it is of: elsewhere it can't be opened.</summary>
    /// <exception cref="StorageException">The key's file can't be read or written.</exception>
    public byte[] Seal(ReadOnlySpan<byte> text, string place)
    {
        var result = new byte[HeadSize + text.Length];
        result[0] = Form;
        var nonce = result.AsSpan(1, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(Key(mayCreate: true), TagSize);
        aes.Encrypt(nonce, text, result.AsSpan(HeadSize), result.AsSpan(1 + NonceSize, TagSize), Encoding.UTF8.GetBytes(place));
        return result;
    }

    /// <summary>Opens what was sealed for the place.</summary>
    /// <exception cref="StorageException">The key's file is missing or another one, or the store was changed.</exception>
    public byte[] Open(ReadOnlySpan<byte> box, string place)
    {
        var key = Key(mayCreate: false);
        try
        {
            if (box.Length < HeadSize || box[0] != Form)
            {
                throw new CryptographicException("it has another form");
            }

            var text = new byte[box.Length - HeadSize];
            using var aes = new AesGcm(key, TagSize);
            aes.Decrypt(box.Slice(1, NonceSize), box[HeadSize..], box.Slice(1 + NonceSize, TagSize), text, Encoding.UTF8.GetBytes(place));
            return text;
        }
        catch (CryptographicException e)
        {
            throw new StorageException(
                $"what the store {settings.Path} keeps for \"{place}\" cannot be opened with the key in {settings.KeyPath}: put the key file back that it was sealed with", e);
        }
    }

    private byte[] Key(bool mayCreate)
    {
        lock (_gate)
        {
            return _key ??= File.Exists(settings.KeyPath) ? Read() : mayCreate ? Create()
                : throw new StorageException($"the store {settings.Path} has secrets, and the key file {settings.KeyPath} that they are sealed with is missing: put it back, or name it in storage.key_path");
        }
    }

    private byte[] Read()
    {
        try
        {
            var key = File.ReadAllBytes(settings.KeyPath);
            return key.Length == KeySize ? key : throw new StorageException($"the key file {settings.KeyPath} has {key.Length} bytes instead of {KeySize}: put the right one back");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"cannot read the key file {settings.KeyPath}: {e.Message}", e);
        }
    }

    // Whole or not at all, and for nobody else to read.
    private byte[] Create()
    {
        var key = RandomNumberGenerator.GetBytes(KeySize);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var unfinished = settings.KeyPath + ".new";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(settings.KeyPath)!);
            File.Delete(unfinished);
            using (var file = new FileStream(unfinished, options))
            {
                file.Write(key);
                file.Flush(flushToDisk: true);
            }

            File.Move(unfinished, settings.KeyPath);
            return key;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"cannot write the key file {settings.KeyPath}: {e.Message}", e);
        }
    }
}
