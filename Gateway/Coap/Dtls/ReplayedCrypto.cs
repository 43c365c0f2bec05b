using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Prng;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Gateway.Coap.Dtls;

/// <summary>BouncyCastle's cryptography, with all of its chance from one seed: the same handshake with the same seed has the same keys and numbers.</summary>
internal sealed class ReplayedCrypto(ReadOnlySpan<byte> seed) : BcTlsCrypto(RandomOf(seed))
{
    // By itself it adds the time and a counter, which never are the same again. The seed has all the chance that is needed.
    public override TlsNonceGenerator CreateNonceGenerator(byte[] additionalSeedMaterial) => base.CreateNonceGenerator([]);

    public override TlsNonceGenerator CreateNonceGenerator(ReadOnlySpan<byte> additionalSeedMaterial) => base.CreateNonceGenerator([]);

    private static SecureRandom RandomOf(ReadOnlySpan<byte> seed)
    {
        var generator = new DigestRandomGenerator(new Sha512Digest());
        generator.AddSeedMaterial(seed);
        return new SecureRandom(generator);
    }
}
