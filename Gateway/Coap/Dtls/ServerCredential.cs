using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Gateway.Coap.Dtls;

/// <summary>The certificate that the server shows, its key, and the authorities whose devices it takes. It never changes: new files make another one.</summary>
internal sealed class ServerCredential
{
    private const string EllipticCurveKey = "1.2.840.10045.2.1";

    private readonly byte[][] _chain;
    private readonly byte[] _publicKey;
    private readonly AsymmetricKeyParameter _privateKey;

    private ServerCredential(IReadOnlyList<X509Certificate2> chain, byte[] privateKey, X509Certificate2Collection authorities)
    {
        _chain = [.. chain.Select(certificate => certificate.RawData)];
        _publicKey = chain[0].PublicKey.ExportSubjectPublicKeyInfo();
        _privateKey = PrivateKeyFactory.CreateKey(privateKey);
        (Subject, NotAfter, Authorities) = (chain[0].Subject, chain[0].NotAfter.ToUniversalTime(), authorities);
    }

    public string Subject { get; }

    public DateTime NotAfter { get; }

    /// <summary>The roots that clients' certificates must come from; none when only pinned ones are taken.</summary>
    public X509Certificate2Collection Authorities { get; }

    /// <summary>Reads a certificate with those that vouch for it, its key, and the authorities of clients, all PEM.</summary>
    /// <exception cref="ArgumentException">They don't fit together, or are not what DTLS can use.</exception>
    /// <exception cref="CryptographicException">They are no PEM.</exception>
    public static ServerCredential Read(string certificates, string key, string? password, string? authorities)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(certificates);
        if (chain.Count == 0)
        {
            throw new ArgumentException("there is no certificate in it");
        }

        if (chain[0].PublicKey.Oid.Value != EllipticCurveKey)
        {
            throw new ArgumentException("its key is no ECDSA key, which the cipher suites of CoAP ask for (ECDHE_ECDSA)");
        }

        using var pair = ECDsa.Create();
        if (password is { Length: > 0 })
        {
            pair.ImportFromEncryptedPem(key, password);
        }
        else
        {
            pair.ImportFromPem(key);
        }

        if (!pair.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(chain[0].PublicKey.ExportSubjectPublicKeyInfo()))
        {
            throw new ArgumentException("the key is not the certificate's");
        }

        var roots = new X509Certificate2Collection();
        if (authorities is not null)
        {
            roots.ImportFromPem(authorities);
        }

        // Whoever trusts a root has it, and on a slow radio each hundred bytes count.
        return new ServerCredential([.. chain.Where((certificate, i) => i == 0 || certificate.Subject != certificate.Issuer)], pair.ExportPkcs8PrivateKey(), roots);
    }

    /// <summary>What the server shows to a client that takes the types of certificates; null when it takes none that there is. A key alone is a tenth of a certificate.</summary>
    public TlsCredentials? For(BcTlsCrypto crypto, TlsServerContext context, IReadOnlyList<short> types)
    {
        var certificate = types.Contains(CertificateType.RawPublicKey)
            ? new Certificate(CertificateType.RawPublicKey, null, [new CertificateEntry(new BcTlsRawKeyCertificate(crypto, _publicKey), null)])
            : types.Contains(CertificateType.X509) ? new Certificate([.. _chain.Select(crypto.CreateCertificate)])
            : null;
        if (certificate is null)
        {
            return null;
        }

        var algorithm = TlsUtilities.ChooseSignatureAndHashAlgorithm(context, context.SecurityParameters.ClientSigAlgs, SignatureAlgorithm.ecdsa);
        return new BcDefaultTlsCredentialedSigner(new TlsCryptoParameters(context), crypto, _privateKey, certificate, algorithm);
    }
}
