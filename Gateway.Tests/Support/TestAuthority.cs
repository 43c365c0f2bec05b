using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.Tests.Support;

/// <summary>An authority of a test's own, with a certificate for the server <c>localhost</c> and one for a client.</summary>
internal sealed class TestAuthority : IDisposable
{
    private static readonly DateTimeOffset From = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Until = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;

    public TestAuthority()
    {
        var request = new CertificateRequest("CN=Authority of a test", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        _certificate = request.CreateSelfSigned(From, Until);
    }

    /// <summary>Writes <c>ca.pem</c>, and <c>server</c> and <c>client</c> with <c>.pem</c> and <c>.key</c>.</summary>
    public void Write(TempFolder folder)
    {
        folder.Write("ca.pem", _certificate.ExportCertificatePem());
        Write(folder, "server", "localhost", serial: 1);
        Write(folder, "client", "gateway", serial: 2);
    }

    /// <summary>Writes a certificate that a test has said more of, with its key: <paramref name="file"/> with .pem and .key.</summary>
    public void Issue(TempFolder folder, string file, string subject, byte serial, Action<CertificateRequest>? adjust = null, DateTimeOffset? until = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        adjust?.Invoke(request);
        using var certificate = request.Create(_certificate, From, until ?? Until, [serial]);
        folder.Write(file + ".pem", certificate.ExportCertificatePem());
        folder.Write(file + ".key", key.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }

    private void Write(TempFolder folder, string file, string host, byte serial)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(_certificate, From, Until, [serial]);
        folder.Write(file + ".pem", certificate.ExportCertificatePem());
        folder.Write(file + ".key", key.ExportPkcs8PrivateKeyPem());
        if (!OperatingSystem.IsWindows())
        {
            // PostgreSQL takes no key that others can read.
            File.SetUnixFileMode(folder.PathOf(file + ".key"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }
}
