using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Sinks;

/// <summary>
/// The header by which a receiver knows that a body is the gateway's, and of now:
/// <c>Gateway-Signature: t=1767323045,v1=5257a8...</c>, where v1 is HMAC-SHA256 in hexadecimal, by the key, over the digits of t, a point and
/// the body byte for byte.
/// </summary>
internal static class HttpSignature
{
    public const string Header = "Gateway-Signature";

    public const int MinKeyLength = 16;

    public static string Of(string key, DateTimeOffset now, ReadOnlySpan<byte> body)
    {
        var seconds = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(key));
        hmac.AppendData(Encoding.ASCII.GetBytes(seconds + "."));
        hmac.AppendData(body);
        return $"t={seconds},v1={Convert.ToHexStringLower(hmac.GetHashAndReset())}";
    }
}
