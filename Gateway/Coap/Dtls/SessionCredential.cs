namespace Gateway.Coap.Dtls;

/// <summary>What a peer has shown in its handshake, by fingerprints, so that its session can end when that is not valid any more.</summary>
/// <param name="Whole">Of the key in common, of the certificate, or of the raw public key.</param>
/// <param name="PublicKey">Of the public key in the certificate; null where there is none.</param>
internal sealed record SessionCredential(CertificateFingerprint Whole, CertificateFingerprint? PublicKey)
{
    /// <summary>Whether it still stands for the identity.</summary>
    public bool IsTrusted(DtlsIdentity identity, IDtlsKeys keys, IDtlsCertificates pins)
    {
        if (identity.Kind == CredentialKind.PreSharedKey)
        {
            return keys.Find(identity.Name).Any(key => key.Owner == identity.Owner && CertificateFingerprint.Of(key.Secret) == Whole);
        }

        var isPinned = false;
        foreach (var fingerprint in Fingerprints())
        {
            if (pins.Find(fingerprint) is not { } pin)
            {
                continue;
            }

            if (!pin.IsValid)
            {
                return false;
            }

            isPinned |= pin.Owner == identity.Owner && identity.Name == fingerprint.ToString();
        }

        // A name that is no fingerprint is one that an authority has vouched for.
        return isPinned || !Fingerprints().Any(fingerprint => identity.Name == fingerprint.ToString());
    }

    /// <summary>Whether that is what it has shown.</summary>
    public bool Has(CertificateFingerprint fingerprint) => Fingerprints().Contains(fingerprint);

    // A key's fingerprint is half of the way to a weak key.
    public override string ToString() => nameof(SessionCredential);

    private IEnumerable<CertificateFingerprint> Fingerprints() => PublicKey is { } key ? [Whole, key] : [Whole];
}
