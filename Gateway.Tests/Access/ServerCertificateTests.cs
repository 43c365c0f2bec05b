using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gateway.Access;
using Gateway.Api;
using Gateway.Configuration;
using Gateway.Tests.Support;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Access;

internal sealed class ServerCertificateTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task A_new_certificate_is_in_use_without_a_restart_and_a_bad_one_never()
    {
        var time = new FakeTimeProvider();
        var log = new RecordedLog<ServerCertificate>();
        WritePem("first", null);
        using var certificate = new ServerCertificate(Settings("api.key", null), time, log);
        await certificate.StartAsync(CancellationToken.None);
        Assert.That(Subject(certificate), Is.EqualTo("CN=first"));

        WritePem("second", null);
        await TickUntilAsync(time, () => Subject(certificate) == "CN=second", "the second certificate is in use");
        _folder.Write("api.pem", "-----BEGIN CERTIFICATE-----\nnot one");
        await TickUntilAsync(time, () => certificate.Problem is not null, "the third is no certificate");
        Assert.That(Subject(certificate), Is.EqualTo("CN=second"));
        log.Expect("can't be used");
        WritePem("fourth", null);
        await TickUntilAsync(time, () => Subject(certificate) == "CN=fourth" && certificate.Problem is null, "the fourth certificate is in use");
        await certificate.StopAsync(CancellationToken.None);
        log.ExpectNoErrors();
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Files_with_a_password_are_opened(bool pfx)
    {
        if (pfx)
        {
            using var own = Make("packed", out var key);
            using (key)
            using (var whole = own.CopyWithPrivateKey(key))
            {
                await File.WriteAllBytesAsync(_folder.PathOf("api.pem"), whole.Export(X509ContentType.Pkcs12, "opens"));
            }
        }
        else
        {
            WritePem("packed", "opens");
        }

        using var certificate = new ServerCertificate(Settings(pfx ? null : "api.key", "opens"), new FakeTimeProvider(), new RecordedLog<ServerCertificate>());
        await certificate.StartAsync(CancellationToken.None);
        using var other = new ServerCertificate(Settings(pfx ? null : "api.key", "hunter2"), new FakeTimeProvider(), new RecordedLog<ServerCertificate>());

        Assert.That(Subject(certificate), Is.EqualTo("CN=packed"));
        Assert.That(() => other.StartAsync(CancellationToken.None), Throws.TypeOf<AccessException>().With.Message.Contains("api.pem").And.Message.Not.Contains("hunter2"));
        await certificate.StopAsync(CancellationToken.None);
    }

    [Test]
    public async Task Files_that_are_not_there_are_told_of_at_start()
    {
        using var certificate = new ServerCertificate(Settings("api.key", null), new FakeTimeProvider(), new RecordedLog<ServerCertificate>());

        Assert.That(() => certificate.StartAsync(CancellationToken.None), Throws.TypeOf<AccessException>().With.Message.StartsWith("api.tls: the certificate"));
        await certificate.StopAsync(CancellationToken.None);
    }

    [Test]
    public async Task The_API_speaks_HTTPS()
    {
        WritePem("localhost", null);
        await using var gateway = await GatewayUnderTest.StartAsync(
            null, null, $"api.tls={{\"certificate_file\": \"{_folder.PathOf("api.pem")}\", \"key_file\": \"{_folder.PathOf("api.key")}\"}}");
        var address = new Uri(gateway.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        var shown = "";
        using var handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, certificate, _, _) =>
            {
                shown = certificate!.Subject;
                return true;
            },
        };
        using var http = new HttpClient(handler) { BaseAddress = address };
        using var response = await http.GetAsync(new Uri("/api/v1/devices", UriKind.Relative));

        Assert.That((address.Scheme, response.StatusCode, shown), Is.EqualTo(("https", HttpStatusCode.OK, "CN=localhost")));
    }

    private static Task TickUntilAsync(FakeTimeProvider time, Func<bool> condition, string name) => Eventually.HoldsAsync(
        () =>
        {
            time.Advance(TimeSpan.FromSeconds(5));
            return condition();
        },
        name);

    private static string Subject(ServerCertificate certificate) => certificate.Options.ServerCertificateContext!.TargetCertificate.Subject;

    private ApiTlsSettings Settings(string? key, string? password) =>
        new() { CertificateFile = _folder.PathOf("api.pem"), KeyFile = key is null ? null : _folder.PathOf(key), Password = password };

    private void WritePem(string name, string? password)
    {
        using var certificate = Make(name, out var key);
        using (key)
        {
            _folder.Write("api.key", password is null
                ? key.ExportPkcs8PrivateKeyPem()
                : key.ExportEncryptedPkcs8PrivateKeyPem(password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
            _folder.Write("api.pem", certificate.ExportCertificatePem());
        }
    }

    private static X509Certificate2 Make(string name, out ECDsa key)
    {
        key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using var signed = request.CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return X509CertificateLoader.LoadCertificate(signed.Export(X509ContentType.Cert));
    }
}
