using System.Text;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Utilities;

namespace Gateway.Coap.Dtls;

/// <summary>The server's side of one run of a handshake: what it offers, what it asks for, and what it ends with.</summary>
internal sealed class ServerHandshake(ReplayedCrypto crypto, HandshakeTerms terms, IDtlsKeys keys, int keyIndex, byte[] connectionId)
    : AbstractTlsServer(crypto), TlsPskIdentityManager
{
    private IReadOnlyList<PreSharedKey> _candidates = [];

    /// <summary>What the handshake ended with; null as long as it has not.</summary>
    public SessionSecrets? Secrets { get; private set; }

    /// <summary>Who the peer says that it is; null as long as it has not said so.</summary>
    public string? ClaimedName { get; private set; }

    /// <summary>Who the peer is, once the handshake is over.</summary>
    public DtlsIdentity? Identity { get; private set; }

    /// <summary>How many keys the identity has.</summary>
    public int KeyCount => _candidates.Count;

    /// <summary>The alert by which the peer gave up.</summary>
    public short? AlertReceived { get; private set; }

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

    public override TlsCredentials? GetCredentials() => null;

    public byte[]? GetHint() => null;

    /// <summary>The key for an identity. For an unknown one a key that nobody has, so that a stranger does not learn which identities there are (RFC 4279 §2).</summary>
    public byte[] GetPsk(byte[] identity)
    {
        ClaimedName = NameOf(identity);
        _candidates = keys.Find(ClaimedName);
        return keyIndex < _candidates.Count ? Arrays.Clone(_candidates[keyIndex].Secret) : m_context.NonceGenerator.GenerateNonce(32);
    }

    public override void NotifyHandshakeComplete()
    {
        base.NotifyHandshakeComplete();
        var parameters = m_context.SecurityParameters;
        if (parameters.PskIdentity is not null)
        {
            Identity = new DtlsIdentity(ClaimedName!, _candidates[keyIndex].Owner, CredentialKind.PreSharedKey);
        }

        Secrets = SessionSecrets.Of(m_context);
    }

    protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.DTLSv12.Only();

    protected override int[] GetSupportedCipherSuites() => terms.Suites;

    // BouncyCastle reads the length of a first record at a fixed place, where this id begins: the highest bit makes it longer than any.
    protected override byte[]? GetNewConnectionID() => terms.Settings.ConnectionId ? connectionId : null;

    // RFC 4279 §5.1: an identity is UTF-8. One that is not is told by its bytes.
    private static string NameOf(byte[] identity) =>
        System.Text.Unicode.Utf8.IsValid(identity) ? Encoding.UTF8.GetString(identity) : $"0x{Convert.ToHexStringLower(identity)}";
}

/// <summary>What all handshakes go by that begin at a time.</summary>
internal sealed record HandshakeTerms(DtlsSettings Settings)
{
    /// <summary>The numbers of the cipher suites that the server has what it takes for.</summary>
    public int[] Suites { get; } = [.. RecordSuite.All.Where(suite => !suite.NeedsCertificate).Select(suite => suite.Number)];
}
