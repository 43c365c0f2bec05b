using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gateway.Coap.Dtls;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Coap.Dtls;

/// <summary>Clients that we did not write show certificates and raw public keys, and are shown ours.</summary>
internal sealed class CertificateClientTests
{
    private TempFolder _folder = null!;
    private TestAuthority _authority = null!;
    private SecureServer _server = null!;

    private X509Settings Settings => new() { CertificateFile = _folder.PathOf("server.pem"), KeyFile = _folder.PathOf("server.key"), ClientCaFile = _folder.PathOf("ca.pem") };

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _folder = new TempFolder();
        _authority = new TestAuthority();
        _authority.Write(_folder);
        _authority.Issue(_folder, "meter", "CN=meter-5", 3);
        WriteOwn("stranger", "CN=meter-5");
        WriteOwn("pinned", "CN=whoever");
        _server = await SecureServer.StartAsync(new DtlsSettings { X509 = Settings });
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _server.DisposeAsync();
        _authority.Dispose();
        _folder.Dispose();
    }

    [TestCase("openssl")]
    [TestCase("gnutls")]
    public async Task Libcoap_is_known_by_the_name_in_its_certificate(string library)
    {
        var printed = await AskAsync(library, "-c", _folder.PathOf("meter.pem"), "-j", _folder.PathOf("meter.key"), "-R", _folder.PathOf("ca.pem"));

        Assert.That(printed, Does.Contain("meter-5|0"));
    }

    [TestCase("openssl")]
    [TestCase("gnutls")]
    public async Task Libcoap_is_known_by_a_certificate_that_is_its_own(string library)
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(_folder.PathOf("pinned.pem"));
        _server.Keys.Pins[CertificateFingerprint.Of(certificate.RawData)] = new PinnedCertificate("meter-6", IsValid: true);

        var printed = await AskAsync(library, "-c", _folder.PathOf("pinned.pem"), "-j", _folder.PathOf("pinned.key"), "-R", _folder.PathOf("ca.pem"));

        Assert.That(printed, Does.Contain("meter-6|0"));
    }

    [TestCase("openssl")]
    [TestCase("gnutls")]
    public async Task Libcoap_gets_nothing_with_a_certificate_that_nobody_vouches_for(string library)
    {
        var asked = _server.Asked;

        var printed = await AskAsync(library, "-B", "2", "-c", _folder.PathOf("stranger.pem"), "-j", _folder.PathOf("stranger.key"), "-R", _folder.PathOf("ca.pem"));

        Assert.That(printed, Does.Not.Contain("meter-5"));
        Assert.That(_server.Asked, Is.EqualTo(asked));
    }

    // RFC 7250: no certificate at all, only keys.
    [Test]
    public async Task Libcoap_is_known_by_its_raw_public_key()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _folder.Write("raw.pem", $"{key.ExportECPrivateKeyPem()}\n");
        _server.Keys.Pins[CertificateFingerprint.Of(key.ExportSubjectPublicKeyInfo())] = new PinnedCertificate("meter-7", IsValid: true);

        var printed = await AskAsync("gnutls", "-M", _folder.PathOf("raw.pem"));

        Assert.That(printed, Does.Contain("meter-7|0"));
    }

    [TestCase("ECDHE-ECDSA-AES128-CCM8")]
    [TestCase("ECDHE-ECDSA-AES128-CCM")]
    [TestCase("ECDHE-ECDSA-AES128-GCM-SHA256")]
    [TestCase("ECDHE-ECDSA-AES256-GCM-SHA384")]
    public async Task Openssl_trusts_the_server_and_is_trusted(string suite)
    {
        var printed = await OtherClient.OpenSslAsync("Q\n", "-connect", _server.EndPoint.ToString(), "-cert", _folder.PathOf("meter.pem"), "-key", _folder.PathOf("meter.key"),
            "-CAfile", _folder.PathOf("ca.pem"), "-verify_return_error", "-cipher", suite);

        Assert.That(printed, Does.Contain($"Cipher is {suite}"));
        Assert.That(printed, Does.Contain("Verify return code: 0"));
        Assert.That(printed, Does.Contain("Extended master secret: yes"));
    }

    [Test]
    public async Task Who_shows_no_certificate_is_refused_unless_that_is_allowed()
    {
        await using var open = await SecureServer.StartAsync(new DtlsSettings { X509 = Settings with { ClientCertificates = ClientCertificates.Optional } });

        var refused = await OtherClient.OpenSslAsync("Q\n", "-connect", _server.EndPoint.ToString(), "-CAfile", _folder.PathOf("ca.pem"));
        var known = await OtherClient.OpenSslAsync("Q\n", "-connect", open.EndPoint.ToString(), "-CAfile", _folder.PathOf("ca.pem"));

        Assert.That(refused, Does.Contain("alert handshake failure"));
        Assert.That(known, Does.Contain("Cipher is ECDHE-ECDSA"));
    }

    [Test]
    public async Task Keys_in_common_go_on_beside_certificates()
    {
        var printed = await OtherClient.LibcoapAsync("openssl", _server.Uri("/who"), "-u", "sensor-1", "-k", "correct horse");

        Assert.That(printed, Does.Contain("device-1|0"));
    }

    [Test]
    public async Task A_new_certificate_is_shown_without_a_restart_and_a_broken_one_is_not()
    {
        _authority.Issue(_folder, "turning", "CN=before", 4);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var settings = Settings with { CertificateFile = _folder.PathOf("turning.pem"), KeyFile = _folder.PathOf("turning.key") };
        await using var server = await SecureServer.StartAsync(new DtlsSettings { X509 = settings }, time: time);
        Assert.That(await SubjectAsync(), Does.Contain("CN = before"));

        _folder.Write("turning.pem", "-----BEGIN CERTIFICATE-----");
        await TickUntilAsync(() => server.DtlsLog.Texts(1071).Count == 1, "the broken file is told of");
        Assert.That(server.DtlsLog.Texts(1071)[0], Does.Contain("turning.pem"));
        Assert.That(await SubjectAsync(), Does.Contain("CN = before"));

        _authority.Issue(_folder, "turning", "CN=after", 5);
        await TickUntilAsync(() => server.DtlsLog.Texts(1072).Count == 1, "the new one is told of");
        Assert.That(await SubjectAsync(), Does.Contain("CN = after"));

        Task<string> SubjectAsync() => OtherClient.OpenSslAsync("Q\n", "-connect", server.EndPoint.ToString(), "-cert", _folder.PathOf("meter.pem"), "-key", _folder.PathOf("meter.key"));

        Task TickUntilAsync(Func<bool> condition, string name) => Eventually.HoldsAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(5));
                return condition();
            },
            name);
    }

    private Task<string> AskAsync(string library, params string[] arguments) => OtherClient.LibcoapAsync(library, _server.Uri("/who"), arguments);

    private void WriteOwn(string file, string subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest(subject, key, HashAlgorithmName.SHA256).CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddYears(1));
        _folder.Write(file + ".pem", certificate.ExportCertificatePem());
        _folder.Write(file + ".key", key.ExportPkcs8PrivateKeyPem());
    }
}
