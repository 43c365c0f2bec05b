using Gateway.Coap.Dtls;

namespace Gateway.Devices;

/// <summary>A certificate or public key that is known to be a device's, whoever vouches for it.</summary>
/// <param name="Fingerprint">By what it is known.</param>
/// <param name="Device">Whose it is.</param>
/// <param name="CreatedAt">Since when it is known.</param>
/// <param name="ValidUntil">When it is not taken any more, also if an authority vouches for it; null for never.</param>
internal sealed record DeviceCertificate(CertificateFingerprint Fingerprint, DeviceId Device, DateTimeOffset CreatedAt, DateTimeOffset? ValidUntil)
{
    public bool HasEnded(DateTimeOffset now) => ValidUntil <= now;
}

/// <summary>Where the fingerprints of devices' certificates are kept. A write is on disk when its task completes.</summary>
internal interface IDeviceCertificateStore
{
    /// <summary>All of them.</summary>
    IReadOnlyList<DeviceCertificate> Load();

    /// <summary>Adds or replaces some, all or none.</summary>
    ValueTask SaveAsync(IReadOnlyCollection<DeviceCertificate> certificates, CancellationToken cancellation);

    ValueTask DeleteAsync(CertificateFingerprint fingerprint, CancellationToken cancellation);
}
