using System.Collections.Concurrent;
using Gateway.Coap.Dtls;

namespace Gateway.Devices;

/// <summary>The certificates that devices are known by, in memory: a handshake does not wait for a disk. Methods may be called from any thread.</summary>
internal sealed class DeviceCertificates : IDtlsCertificates, IDisposable
{
    private readonly IDeviceCertificateStore _store;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentDictionary<CertificateFingerprint, DeviceCertificate> _byFingerprint = new();

    public DeviceCertificates(IDeviceCertificateStore store, TimeProvider time)
    {
        (_store, _time) = (store, time);
        foreach (var certificate in store.Load())
        {
            _byFingerprint[certificate.Fingerprint] = certificate;
        }
    }

    /// <summary>Raised after a certificate has ceased to be taken, on the thread that had it cease.</summary>
    public event Action<CertificateFingerprint>? Revoked;

    public PinnedCertificate? Find(CertificateFingerprint fingerprint) =>
        _byFingerprint.TryGetValue(fingerprint, out var known) ? new PinnedCertificate(known.Device.ToString(), !known.HasEnded(_time.GetUtcNow())) : null;

    /// <summary>A device's, in the order in which they came.</summary>
    public IReadOnlyList<DeviceCertificate> Of(DeviceId device) =>
        [.. _byFingerprint.Values.Where(certificate => certificate.Device == device).OrderBy(certificate => certificate.CreatedAt).ThenBy(certificate => certificate.Fingerprint.ToString(), StringComparer.Ordinal)];

    /// <summary>Adds certificates, or gives those that are there another end, all or none.</summary>
    /// <returns>Those that belong to other devices; none when all are kept.</returns>
    public async ValueTask<IReadOnlyList<DeviceCertificate>> PutAsync(IReadOnlyCollection<DeviceCertificate> certificates, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            List<DeviceCertificate> taken = [.. from certificate in certificates
                let present = _byFingerprint.GetValueOrDefault(certificate.Fingerprint)
                where present is not null && present.Device != certificate.Device
                select present];
            if (taken.Count > 0)
            {
                return taken;
            }

            DeviceCertificate[] kept = [.. certificates.Select(certificate => certificate with { CreatedAt = _byFingerprint.GetValueOrDefault(certificate.Fingerprint)?.CreatedAt ?? certificate.CreatedAt })];
            await _store.SaveAsync(kept, cancellation);
            Array.ForEach(kept, certificate => _byFingerprint[certificate.Fingerprint] = certificate);
        }
        finally
        {
            _writing.Release();
        }

        var now = _time.GetUtcNow();
        foreach (var ended in certificates.Where(certificate => certificate.HasEnded(now)))
        {
            Revoked?.Invoke(ended.Fingerprint);
        }

        return [];
    }

    /// <summary>Forgets a certificate; false when the device has no such one.</summary>
    public async ValueTask<bool> DeleteAsync(DeviceId device, CertificateFingerprint fingerprint, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            if (!_byFingerprint.TryGetValue(fingerprint, out var present) || present.Device != device)
            {
                return false;
            }

            await _store.DeleteAsync(fingerprint, cancellation);
            _byFingerprint.TryRemove(fingerprint, out _);
        }
        finally
        {
            _writing.Release();
        }

        Revoked?.Invoke(fingerprint);
        return true;
    }

    public void Dispose() => _writing.Dispose();
}
