using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gateway.Coap.Dtls;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Gateway.Tests.Coap.Dtls;

/// <summary>Who a client is by its certificate, and which server's certificates can be used at all.</summary>
internal sealed class ClientCertificateCheckTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly TestKeys _keys = new();
    private TempFolder _folder = null!;
    private TestAuthority _authority = null!;

    [OneTimeSetUp]
    public void Write()
    {
        _folder = new TempFolder();
        _authority = new TestAuthority();
        _authority.Write(_folder);
    }

    [OneTimeTearDown]
    public void Delete()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [TestCase(CertificateName.CommonName, "meter-1")]
    [TestCase(CertificateName.DnsName, "first.example")]
    [TestCase(CertificateName.Uri, "urn:dev:mac:0024befffe804ff1")]
    public void The_name_is_where_the_settings_say(CertificateName place, string name)
    {
        _authority.Issue(_folder, "named", "CN=meter-1,O=Maker", 10, Names);

        Assert.That(Check("named", out var reason, place), Is.EqualTo(new DtlsIdentity(name, name, CredentialKind.Certificate)), reason);
    }

    [TestCase("O=Maker")]
    [TestCase("CN=meter-1,CN=meter-2")]
    public void A_certificate_without_one_name_is_nobodys(string subject)
    {
        _authority.Issue(_folder, "nameless", subject, 11);

        Assert.That(Check("nameless", out var reason), Is.Null);
        Assert.That(reason, Does.Contain("CommonName"));
    }

    [Test]
    public void A_certificate_whose_time_is_over_is_nobodys()
    {
        _authority.Issue(_folder, "old", "CN=meter-1", 12, until: _time.GetUtcNow().AddDays(-1));

        Assert.That(Check("old", out var reason), Is.Null);
        Assert.That(reason, Does.Contain("CN=meter-1"));
    }

    [TestCase("1.3.6.1.5.5.7.3.1", false, TestName = "A certificate for servers is no client's")]
    [TestCase("1.3.6.1.5.5.7.3.2", true, TestName = "A certificate for clients is one's")]
    public void What_a_certificate_is_for_counts(string usage, bool taken)
    {
        _authority.Issue(_folder, "usage", "CN=meter-1", 13, request => request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: true)));

        Assert.That(Check("usage", out var reason)?.Owner, taken ? Is.EqualTo("meter-1") : Is.Null, reason);
    }

    [Test]
    public void A_pin_comes_before_the_authority_and_an_ended_one_shuts_out()
    {
        _authority.Issue(_folder, "both", "CN=meter-1", 14);
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(_folder.PathOf("both.pem"));
        var fingerprint = CertificateFingerprint.Of(certificate.PublicKey.ExportSubjectPublicKeyInfo());

        _keys.Pins[fingerprint] = new PinnedCertificate("meter-2", IsValid: true);
        Assert.That(Check("both", out _), Is.EqualTo(new DtlsIdentity(fingerprint.ToString(), "meter-2", CredentialKind.Certificate)));

        _keys.Pins[fingerprint] = new PinnedCertificate("meter-2", IsValid: false);
        Assert.That(Check("both", out var reason), Is.Null);
        Assert.That(reason, Does.Contain("meter-2"));
    }

    [TestCase("server.pem", "client.key", null, "the key is not the certificate's")]
    [TestCase("ca.pem", "none", null, "")]
    [TestCase("server.key", "server.key", null, "there is no certificate in it")]
    [TestCase("rsa.pem", "rsa.key", null, "no ECDSA key")]
    [TestCase("server.pem", "locked.key", "wrong", "")]
    public void A_certificate_that_can_not_be_used_is_told_of(string certificate, string key, string? password, string problem)
    {
        WriteOthers();
        var files = new CredentialFiles(new X509Settings { CertificateFile = _folder.PathOf(certificate), KeyFile = _folder.PathOf(key), Password = password });

        files.Look();

        Assert.That(files.Current, Is.Null);
        Assert.That(files.Problem, Does.Contain(certificate).And.Contains(problem));
    }

    [Test]
    public void A_key_with_a_password_is_opened_with_it()
    {
        WriteOthers();
        var files = new CredentialFiles(new X509Settings { CertificateFile = _folder.PathOf("server.pem"), KeyFile = _folder.PathOf("locked.key"), Password = "opens" });

        files.Look();

        Assert.That((files.Problem, files.Current?.Subject), Is.EqualTo(((string?)null, "CN=localhost")));
    }

    [TestCase("AB:cd", false)]
    [TestCase("", false)]
    [TestCase(null, false)]
    [TestCase("ZZe1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f", false)]
    [TestCase("E3:B0:C4:42:98:FC:1C:14:9A:FB:F4:C8:99:6F:B9:24:27:AE:41:E4:64:9B:93:4C:A4:95:99:1B:78:52:B8:55", true)]
    public void A_fingerprint_is_read_as_tools_write_it(string? text, bool isOne)
    {
        Assert.That(CertificateFingerprint.TryParse(text, out var fingerprint), Is.EqualTo(isOne));
        Assert.That(!isOne || fingerprint == CertificateFingerprint.Of([]), Is.True);
    }

    private static void Names(CertificateRequest request)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddEmailAddress("meter@example.com");
        names.AddDnsName("first.example");
        names.AddDnsName("second.example");
        names.AddUri(new Uri("urn:dev:mac:0024befffe804ff1"));
        request.CertificateExtensions.Add(names.Build());
    }

    private void WriteOthers()
    {
        using var rsa = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=rsa", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(_time.GetUtcNow(), _time.GetUtcNow().AddYears(1));
        _folder.Write("rsa.pem", certificate.ExportCertificatePem());
        _folder.Write("rsa.key", rsa.ExportPkcs8PrivateKeyPem());
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(_folder.PathOf("server.key")));
        _folder.Write("locked.key", key.ExportEncryptedPkcs8PrivateKeyPem("opens", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1000)));
    }

    private DtlsIdentity? Check(string file, out string? reason, CertificateName place = CertificateName.CommonName)
    {
        var settings = new X509Settings { CertificateFile = _folder.PathOf("server.pem"), KeyFile = _folder.PathOf("server.key"), ClientCaFile = _folder.PathOf("ca.pem"), ClientName = place };
        var files = new CredentialFiles(settings);
        files.Look();
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(_folder.PathOf(file + ".pem"));
        var shown = new Org.BouncyCastle.Tls.Certificate([new BcTlsCrypto().CreateCertificate(certificate.RawData)]);
        return new ClientCertificateCheck(settings, files.Current!, _keys, _time).Check(shown, out reason);
    }
}
