using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Gateway.Coap.Dtls;

/// <summary>The SHA-256 of a certificate (DER), or of a public key (SubjectPublicKeyInfo, DER), as 64 lower-case hexadecimal digits.</summary>
internal readonly record struct CertificateFingerprint
{
    private readonly string _digits;

    private CertificateFingerprint(string digits) => _digits = digits;

    public static CertificateFingerprint Of(ReadOnlySpan<byte> encoded) => new(Convert.ToHexStringLower(SHA256.HashData(encoded)));

    /// <summary>Reads one as tools write them: with colons between the bytes or without, in capitals or not.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out CertificateFingerprint fingerprint)
    {
        var digits = text?.Replace(":", "", StringComparison.Ordinal).ToLowerInvariant() ?? "";
        fingerprint = new CertificateFingerprint(digits);
        return digits.Length == 2 * SHA256.HashSizeInBytes && digits.All(char.IsAsciiHexDigitLower);
    }

    public override string ToString() => _digits ?? "";
}
