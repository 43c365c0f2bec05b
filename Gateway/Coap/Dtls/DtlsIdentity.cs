namespace Gateway.Coap.Dtls;

/// <summary>Who a DTLS peer has shown that it is.</summary>
/// <param name="Name">As it says itself: its PSK identity, or the name in its certificate.</param>
/// <param name="Owner">Whose key or certificate that is here; of a device, its id.</param>
/// <param name="Kind">How it has shown it.</param>
internal sealed record DtlsIdentity(string Name, string Owner, CredentialKind Kind);

/// <summary>With what a DTLS peer shows who it is.</summary>
internal enum CredentialKind
{
    /// <summary>A key that both sides have.</summary>
    PreSharedKey,

    /// <summary>An X.509 certificate.</summary>
    Certificate,

    /// <summary>A public key without a certificate (RFC 7250).</summary>
    RawPublicKey,
}
