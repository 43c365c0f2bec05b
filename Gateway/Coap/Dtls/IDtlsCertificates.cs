namespace Gateway.Coap.Dtls;

/// <summary>Whose certificates and public keys are known one by one. Asked during handshakes, on their threads, so it must not wait for anything.</summary>
internal interface IDtlsCertificates
{
    /// <summary>Whose certificate or public key has this fingerprint; null when nobody here knows it.</summary>
    PinnedCertificate? Find(CertificateFingerprint fingerprint);
}

/// <summary>A certificate that is known by itself, whoever vouches for it.</summary>
/// <param name="Owner">Whose it is.</param>
/// <param name="IsValid">Whether it is still taken; when it is not, no authority makes it so.</param>
internal readonly record struct PinnedCertificate(string Owner, bool IsValid);
