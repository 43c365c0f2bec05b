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

    /// <summary>The SHA-256 of the script and all that it loads and uses. That of a script of one file is the hash of its text, as <c>sha256sum</c> tells it.</summary>
    public static string HashOf(ScriptSource source) =>
        source.Loaded.IsEmpty && source.Protos is null ? HashOf(source.Text) : HashOf(Texts(source));

    /// <summary>The SHA-256 of several texts, in hexadecimal digits.</summary>
    public static string HashOf(IEnumerable<string> texts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var text in texts)
        {
            Append(hash, text);
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static IEnumerable<string> Texts(ScriptSource source) =>
        source.Loaded.SelectMany(file => new[] { file.Key, file.Value.Code, file.Value.Text ?? "" })
            .Prepend(source.Text)
            .Append(source.Protos?.Hash ?? "")
            .Append(source.Protos?.Problem?.Message ?? "");

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
