using System.Text;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Utilities;

namespace Gateway.Coap.Dtls;

/// <summary>The server's side of one run of a handshake: what it offers, what it asks for, and what it ends with.</summary>
internal sealed class ServerHandshake(ReplayedCrypto crypto, HandshakeTerms terms, int keyIndex, byte[] connectionId)
    : AbstractTlsServer(crypto), TlsPskIdentityManager
{
    private static readonly short[] CertificateTypes = [CertificateType.X509, CertificateType.RawPublicKey];
    private static readonly short[] HashAlgorithms = [HashAlgorithm.sha256, HashAlgorithm.sha384, HashAlgorithm.sha512];

    private IReadOnlyList<PreSharedKey> _candidates = [];

    /// <summary>What the handshake ended with; null as long as it has not.</summary>
    public SessionSecrets? Secrets { get; private set; }

    /// <summary>Who the peer says that it is; null as long as it has not said so.</summary>
    public string? ClaimedName { get; private set; }

    /// <summary>Who the peer is, once the handshake is over.</summary>
    public DtlsIdentity? Identity { get; private set; }

    /// <summary>What the peer has shown; null for nothing.</summary>
    public SessionCredential? Credential { get; private set; }

    /// <summary>Why the peer's certificate is not taken; null when it is, or as long as there is none.</summary>
    public string? CertificateProblem { get; private set; }

    /// <summary>What the log says of who the peer may be; null when it has not said.</summary>
    public string? Claim => ClaimedName is not null ? $"it says that it is {ClaimedName}" : CertificateProblem;

    /// <summary>How many keys the identity has.</summary>
    public int KeyCount => _candidates.Count;

    /// <summary>The alert by which the peer gave up.</summary>
    public short? AlertReceived { get; private set; }

    private bool HasCertificateSuite => RecordSuite.Of(m_selectedCipherSuite).NeedsCertificate;

    public override bool RequiresExtendedMasterSecret() => terms.Settings.RequireExtendedMasterSecret;

    // RFC 5746 guards a second handshake within a session, and here there is none. Small stacks leave its signal out.
    public override void NotifySecureRenegotiation(bool secureRenegotiation)
    {
    }

    public override void NotifyAlertReceived(short alertLevel, short alertDescription)
    {
        if (alertLevel == AlertLevel.fatal || alertDescription == AlertDescription.close_notify)
        {
            AlertReceived = alertDescription;
        }
    }

    public override TlsPskIdentityManager GetPskIdentityManager() => this;

    // A suite without a certificate has no use for what a client says of certificates, and there is none to show.
    public override IDictionary<int, byte[]> GetServerExtensions()
    {
        if (!HasCertificateSuite)
        {
            m_clientExtensions?.Remove(ExtensionType.server_certificate_type);
            m_clientExtensions?.Remove(ExtensionType.client_certificate_type);
        }

        return base.GetServerExtensions();
    }

    public override TlsCredentials? GetCredentials() => !HasCertificateSuite ? null
        : terms.Credential!.For(crypto, m_context, TlsExtensionsUtilities.GetServerCertificateTypeExtensionClient(m_clientExtensions) ?? [CertificateType.X509]);

    public override CertificateRequest GetCertificateRequest() => new(
        [ClientCertificateType.ecdsa_sign], [.. HashAlgorithms.Select(hash => new SignatureAndHashAlgorithm(hash, SignatureAlgorithm.ecdsa))], null);

    public override void NotifyClientCertificate(Certificate clientCertificate)
    {
        if (clientCertificate.IsEmpty)
        {
            CertificateProblem = terms.Check!.IsOptional ? null : "it has shown no certificate";
        }
        else
        {
            Identity = terms.Check!.Check(clientCertificate, out var problem);
            Credential = Identity is null ? null : ClientCertificateCheck.CredentialOf(clientCertificate);
            CertificateProblem = problem;
        }

        if (CertificateProblem is not null)
        {
            // RFC 5246 §7.4.6: this is what somebody without one is told.
            throw new TlsFatalAlert(clientCertificate.IsEmpty ? AlertDescription.handshake_failure : AlertDescription.bad_certificate, CertificateProblem);
        }
    }

    public byte[]? GetHint() => null;

    /// <summary>The key for an identity. For an unknown one a key that nobody has, so that a stranger does not learn which identities there are (RFC 4279 §2).</summary>
    public byte[] GetPsk(byte[] identity)
    {
        ClaimedName = NameOf(identity);
        _candidates = terms.Keys.Find(ClaimedName);
        return keyIndex < _candidates.Count ? Arrays.Clone(_candidates[keyIndex].Secret) : m_context.NonceGenerator.GenerateNonce(32);
    }

    /// <summary>Whether what the peer has shown is still valid, now that the handshake is over.</summary>
    public bool IsStillTrusted() => Identity is null || Credential!.IsTrusted(Identity, terms.Keys, terms.Pins);

    public override void NotifyHandshakeComplete()
    {
        base.NotifyHandshakeComplete();
        var parameters = m_context.SecurityParameters;
        if (parameters.PskIdentity is not null)
        {
            Identity = new DtlsIdentity(ClaimedName!, _candidates[keyIndex].Owner, CredentialKind.PreSharedKey);
            Credential = new SessionCredential(CertificateFingerprint.Of(_candidates[keyIndex].Secret), null);
        }

        Secrets = SessionSecrets.Of(m_context);
    }

    protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.DTLSv12.Only();

    protected override int[] GetSupportedCipherSuites() => terms.Suites;

    protected override short[] GetAllowedClientCertificateTypes() => CertificateTypes;

    // There is no answer of an OCSP server to hand on.
    protected override bool AllowCertificateStatus() => false;

    // BouncyCastle reads the length of a first record at a fixed place, where this id begins: the highest bit makes it longer than any.
    protected override byte[]? GetNewConnectionID() => terms.Settings.ConnectionId ? connectionId : null;

    // RFC 4279 §5.1: an identity is UTF-8. One that is not is told by its bytes.
    private static string NameOf(byte[] identity) =>
        System.Text.Unicode.Utf8.IsValid(identity) ? Encoding.UTF8.GetString(identity) : $"0x{Convert.ToHexStringLower(identity)}";
}
