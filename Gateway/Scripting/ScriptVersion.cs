using System.Security.Cryptography;
using System.Text;

namespace Gateway.Scripting;

/// <summary>A script's version is its content, so that the same content is never compiled twice and a log line says which one ran.</summary>
internal static class ScriptVersion
{
    private const int Bytes = 6;

    /// <summary>The first twelve hexadecimal digits of the source's SHA-256.</summary>
    public static string Of(string source) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source)).AsSpan(0, Bytes));
}
