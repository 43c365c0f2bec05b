using Org.BouncyCastle.Tls;

namespace Gateway.Coap.Dtls;

/// <summary>A cipher suite: all of them are AEAD suites, so a record is sealed with a key and four bytes of a nonce, and nothing else.</summary>
/// <param name="Number">Its number (RFC 6655, 7251, 5487, 8442, 5289).</param>
/// <param name="Name">Its name, without <c>TLS_</c>.</param>
/// <param name="Counter">Whether it is AES in CCM; otherwise it is AES in GCM.</param>
/// <param name="KeySize">The length of its keys, in bytes.</param>
/// <param name="TagSize">By how much a sealed text is longer, in bytes.</param>
/// <param name="NeedsCertificate">Whether the server shows a certificate; otherwise both sides have a key in common.</param>
internal sealed record RecordSuite(int Number, string Name, bool Counter, int KeySize, int TagSize, bool NeedsCertificate)
{
    /// <summary>The part of a nonce that never changes, and the part that a record brings with it, in bytes.</summary>
    public const int ImplicitNonceSize = 4;
    public const int ExplicitNonceSize = 8;

    private const int ShortTag = 8;
    private const int FullTag = 16;

    /// <summary>All, in the order in which our own client offers them. A server goes by its client's order.</summary>
    public static IReadOnlyList<RecordSuite> All { get; } =
    [
        // RFC 7252 §9.1.3.1: mandatory for CoAP with keys in common; §9.1.3.2: with certificates and raw public keys.
        new(CipherSuite.TLS_PSK_WITH_AES_128_CCM_8, "PSK_WITH_AES_128_CCM_8", true, 16, ShortTag, false),
        new(CipherSuite.TLS_PSK_WITH_AES_256_CCM_8, "PSK_WITH_AES_256_CCM_8", true, 32, ShortTag, false),
        new(CipherSuite.TLS_PSK_WITH_AES_128_CCM, "PSK_WITH_AES_128_CCM", true, 16, FullTag, false),
        new(CipherSuite.TLS_PSK_WITH_AES_128_GCM_SHA256, "PSK_WITH_AES_128_GCM_SHA256", false, 16, FullTag, false),
        new(CipherSuite.TLS_PSK_WITH_AES_256_GCM_SHA384, "PSK_WITH_AES_256_GCM_SHA384", false, 32, FullTag, false),
        new(CipherSuite.TLS_ECDHE_PSK_WITH_AES_128_CCM_8_SHA256, "ECDHE_PSK_WITH_AES_128_CCM_8_SHA256", true, 16, ShortTag, false),
        new(CipherSuite.TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256, "ECDHE_PSK_WITH_AES_128_CCM_SHA256", true, 16, FullTag, false),
        new(CipherSuite.TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256, "ECDHE_PSK_WITH_AES_128_GCM_SHA256", false, 16, FullTag, false),
        new(CipherSuite.TLS_ECDHE_PSK_WITH_AES_256_GCM_SHA384, "ECDHE_PSK_WITH_AES_256_GCM_SHA384", false, 32, FullTag, false),
        new(CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, "ECDHE_ECDSA_WITH_AES_128_CCM_8", true, 16, ShortTag, true),
        new(CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CCM, "ECDHE_ECDSA_WITH_AES_128_CCM", true, 16, FullTag, true),
        new(CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, "ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", false, 16, FullTag, true),
        new(CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, "ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", false, 32, FullTag, true),
    ];

    /// <summary>How many bytes two sides need between them.</summary>
    public int KeyBlockSize => 2 * (KeySize + ImplicitNonceSize);

    public static RecordSuite Of(int number) => All.First(suite => suite.Number == number);
}
