namespace Gateway.Coap.Dtls;

/// <summary>What all handshakes go by that begin at a time.</summary>
internal sealed class HandshakeTerms
{
    /// <param name="settings">The settings.</param>
    /// <param name="keys">Whose keys are valid.</param>
    /// <param name="pins">Whose certificates are known one by one.</param>
    /// <param name="credential">What the server shows; null for nothing, and then both sides need a key in common.</param>
    /// <param name="time">The clock.</param>
    public HandshakeTerms(DtlsSettings settings, IDtlsKeys keys, IDtlsCertificates pins, ServerCredential? credential, TimeProvider time)
    {
        (Settings, Keys, Pins, Credential) = (settings, keys, pins, credential);
        Check = credential is null ? null : new ClientCertificateCheck(settings.X509!, credential, pins, time);
        Suites = [.. RecordSuite.All.Where(suite => !suite.NeedsCertificate || credential is not null).Select(suite => suite.Number)];
    }

    public DtlsSettings Settings { get; }

    public IDtlsKeys Keys { get; }

    public IDtlsCertificates Pins { get; }

    public ServerCredential? Credential { get; }

    /// <summary>Who clients are by their certificates; null when they can't show any.</summary>
    public ClientCertificateCheck? Check { get; }

    /// <summary>The numbers of the cipher suites that the server has what it takes for.</summary>
    public int[] Suites { get; }
}
