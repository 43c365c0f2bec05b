using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Scripting;

/// <summary>A script's version is its content, so that the same content is never compiled twice and a log line says which one ran.</summary>
internal static class ScriptVersion
{
    private const int Digits = 12;

    /// <summary>The first twelve hexadecimal digits of a text's SHA-256.</summary>
    public static string Of(string text) => HashOf(text)[..Digits];

    /// <summary>The first twelve hexadecimal digits of a script's hash.</summary>
    public static string Of(ScriptSource source) => source.Hash[..Digits];

    /// <summary>The SHA-256 of the script and all that it loads. That of a script of one file is the hash of its text, as <c>sha256sum</c> tells it.</summary>
    public static string HashOf(ScriptSource source) => source.Loaded.IsEmpty ? HashOf(source.Text) : HashOfAll(source);

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string HashOfAll(ScriptSource source)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, source.Text);
        foreach (var (name, file) in source.Loaded)
        {
            Append(hash, name);
            Append(hash, file.Code);
            Append(hash, file.Text ?? "");
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    // With its length, so that no two lists of texts look the same.
    private static void Append(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
