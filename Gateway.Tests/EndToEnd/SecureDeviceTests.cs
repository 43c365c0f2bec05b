using System.CommandLine;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Cli;
using Gateway.Coap;
using Gateway.Coap.Dtls;
using Gateway.Devices;
using Gateway.Tests.Coap.Dtls;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.EndToEnd;

/// <summary>Devices over DTLS, from the key that the admin gives them to the frame in the journal.</summary>
internal sealed class SecureDeviceTests
{
    private const string Routes = """
        routes=[{"path":"/devices/{device_id}/data","profile":"json"},{"path":"/mine","profile":"json","identity":["dtls"]}]
        """;

    private TempFolder _folder = null!;
    private TestAuthority _authority = null!;
    private GatewayUnderTest _gateway = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _folder = new TempFolder();
        _authority = new TestAuthority();
        _authority.Write(_folder);
        _gateway = await StartGatewayAsync();
        await PutKeyAsync("meter-7", "psk-7", new { key_text = "open sesame 7" });
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _gateway.DisposeAsync();
        _authority.Dispose();
        _folder.Dispose();
    }

    [Test]
    public async Task A_device_speaks_for_itself()
    {
        var printed = await SendAsync(_gateway, "/devices/meter-7/data", "psk-7", "open sesame 7");

        Assert.That(printed, Does.Contain("2.01"));
    }

    [Test]
    public async Task A_device_does_not_speak_for_another()
    {
        var printed = await SendAsync(_gateway, "/devices/meter-8/data", "psk-7", "open sesame 7");

        Assert.That(printed, Does.Contain("4.03"));
        Assert.That(printed, Does.Contain("another device"));
    }

    [Test]
    public async Task Its_key_says_who_it_is()
    {
        var printed = await SendAsync(_gateway, "/mine", "psk-7", "open sesame 7");
        var device = await _gateway.Http.GetAsync(new Uri("/api/v1/devices/meter-7", UriKind.Relative));

        Assert.That(printed, Does.Contain("2.01"));
        Assert.That(device.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task A_new_key_and_the_one_before_are_both_valid_for_a_time()
    {
        await PutKeyAsync("meter-9", "psk-9", new { key_text = "first secret" });
        await PutKeyAsync("meter-9", "psk-9", new { key_hex = Convert.ToHexString("second secret"u8), overlap_seconds = 600 });

        Assert.That(await SendAsync(_gateway, "/mine", "psk-9", "first secret"), Does.Contain("2.01"));
        Assert.That(await SendAsync(_gateway, "/mine", "psk-9", "second secret"), Does.Contain("2.01"));

        var layer = _gateway.Services.GetRequiredService<DtlsLayer>();
        using var device = await BouncyClient.ConnectAsync(
            _gateway.Services.GetRequiredService<CoapServer>().SecureEndPoints[0], new BouncyOffer { Identity = "psk-9", Key = "second secret" });
        Assert.That(layer.Associations.ToArray().Select(session => session.Identity?.Name), Has.Some.EqualTo("psk-9"));
        await PutKeyAsync("meter-9", "psk-9", new { key_text = "third secret", overlap_seconds = 0 });

        Assert.That(layer.Associations.ToArray().Select(session => session.Identity?.Name), Has.None.EqualTo("psk-9"));
        Assert.That(await SendAsync(_gateway, "/mine", "psk-9", "second secret", patience: "2"), Does.Not.Contain("2.01"));
        Assert.That(await SendAsync(_gateway, "/mine", "psk-9", "third secret"), Does.Contain("2.01"));
    }

    [Test]
    public async Task Keys_are_listed_and_never_shown()
    {
        await PutKeyAsync("meter-10", "psk-10", new { key_text = "nobody sees this" });

        var list = await _gateway.Http.GetStringAsync(new Uri("/api/v1/devices/meter-10/dtls-keys", UriKind.Relative));
        var key = JsonNode.Parse(list)!["items"]![0]!;

        Assert.That((string?)key["identity"], Is.EqualTo("psk-10"));
        Assert.That(list, Does.Not.Contain("nobody sees this"));
        foreach (var file in Directory.EnumerateFiles(_folder.Path, "gateway.db*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            Assert.That(await reader.ReadToEndAsync(), Does.Not.Contain("nobody sees this"), file);
        }
    }

    [TestCase("dtls-keys", """{"keys": [{"device_id": "c-1", "identity": "c-1", "key_text": "long enough"}, null]}""", "#/keys/1")]
    [TestCase("dtls-certificates", """{"certificates": [null]}""", "#/certificates/0")]
    public async Task A_list_with_nothing_in_a_place_says_which(string endpoint, string body, string pointer)
    {
        using var answer = await _gateway.Http.PostAsync(new Uri($"/api/v1/{endpoint}", UriKind.Relative), new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain($"\"{pointer}\""));
    }

    [Test]
    public async Task A_revoked_key_opens_nothing_and_its_sessions_end()
    {
        await PutKeyAsync("meter-11", "psk-11", new { key_text = "soon to be gone" });
        var uri = new Uri("/api/v1/devices/meter-11/dtls-keys/psk-11", UriKind.Relative);
        var layer = _gateway.Services.GetRequiredService<DtlsLayer>();
        await SendAsync(_gateway, "/mine", "psk-11", "soon to be gone");

        using var gone = await _gateway.Http.DeleteAsync(uri);
        using var again = await _gateway.Http.DeleteAsync(uri);

        Assert.That((gone.StatusCode, again.StatusCode), Is.EqualTo((HttpStatusCode.NoContent, HttpStatusCode.NotFound)));
        Assert.That(layer.Associations.ToArray().Select(session => session.Identity?.Name), Has.None.EqualTo("psk-11"));
        Assert.That(await SendAsync(_gateway, "/mine", "psk-11", "soon to be gone", patience: "2"), Does.Not.Contain("2.01"));
    }

    [Test]
    public async Task Many_keys_come_at_once_or_none_of_them()
    {
        var import = new Uri("/api/v1/dtls-keys", UriKind.Relative);
        object Key(string device, string identity, string key) => new { device_id = device, identity, key_text = key };

        using var bad = await _gateway.Http.PostAsJsonAsync(import, new { keys = new[] { Key("m-1", "b-1", "long enough"), Key("m-2", "b-2", "short") } });
        using var foreign = await _gateway.Http.PostAsJsonAsync(import, new { keys = new[] { Key("m-1", "b-1", "long enough"), Key("m-2", "psk-7", "long enough") } });
        var before = await _gateway.Http.GetStringAsync(new Uri("/api/v1/devices/m-1/dtls-keys", UriKind.Relative));
        using var good = await _gateway.Http.PostAsJsonAsync(import, new { keys = new[] { Key("m-1", "b-1", "long enough"), Key("m-2", "b-2", "long enough") } });

        Assert.That(bad.StatusCode, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        Assert.That(await bad.Content.ReadAsStringAsync(), Does.Contain("#/keys/1/key_text").And.Not.Contain("\"short\""));
        Assert.That(foreign.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(before, Does.Not.Contain("b-1"));
        Assert.That(good.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That(_gateway.Services.GetRequiredService<DeviceKeyRing>().Find("b-2").Single().Owner, Is.EqualTo("m-2"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task The_command_line_sends_with_a_key_that_nobody_sees_in_it(bool fromFile)
    {
        var keys = $"# ours\nsomebody:00ff\npsk-7:{Convert.ToHexString("open sesame 7"u8)}";
        var file = _folder.Write("keys.psk", keys);
        var variable = fromFile ? null : keys;
        using var output = new StringWriter();
        string[] arguments = ["send", $"coaps://127.0.0.1:{_gateway.Services.GetRequiredService<CoapServer>().SecureEndPoints[0].Port}/mine", "-t", "50",
            "--hex", Convert.ToHexString("""{"temperature": 21.5}"""u8), "--psk-identity", "psk-7", .. fromFile ? new[] { "--psk-file", file } : []];

        Environment.SetEnvironmentVariable("GATEWAY_PSK", variable);
        try
        {
            await CommandLine.RunAsync(arguments, new InvocationConfiguration { Output = output });
        }
        finally
        {
            Environment.SetEnvironmentVariable("GATEWAY_PSK", null);
        }

        Assert.That(output.ToString(), Does.StartWith("2.01"));
    }

    [Test]
    public async Task A_certificate_says_whose_it_is_and_nobody_elses()
    {
        _authority.Issue(_folder, "twelve", "CN=meter-12", 12);

        Assert.That(await SendWithCertificateAsync("/mine", "twelve"), Does.Contain("2.01"));
        Assert.That(await SendWithCertificateAsync("/devices/meter-12/data", "twelve"), Does.Contain("2.01"));
        Assert.That(await SendWithCertificateAsync("/devices/meter-7/data", "twelve"), Does.Contain("4.03"));
    }

    [Test]
    public async Task A_device_is_known_by_a_certificate_until_that_is_taken_away()
    {
        _authority.Issue(_folder, "thirteen", "CN=anything", 13);
        var certificates = new Uri("/api/v1/devices/meter-13/dtls-certificates", UriKind.Relative);

        using var added = await _gateway.Http.PostAsJsonAsync(certificates, new { certificate = await File.ReadAllTextAsync(_folder.PathOf("thirteen.pem")) });
        var fingerprint = (string?)JsonNode.Parse(await added.Content.ReadAsStringAsync())!["items"]![0]!["fingerprint"];
        Assert.That(await SendWithCertificateAsync("/devices/meter-13/data", "thirteen"), Does.Contain("2.01"));

        // Over is over, also though the authority still vouches for it.
        using var ended = await _gateway.Http.PostAsJsonAsync(certificates, new { fingerprint, valid_until = "2020-01-01T00:00:00Z" });
        Assert.That(ended.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await SendWithCertificateAsync("/mine", "thirteen", patience: "2"), Does.Not.Contain("2.01"));

        var uri = new Uri($"/api/v1/devices/meter-13/dtls-certificates/{fingerprint}", UriKind.Relative);
        using var gone = await _gateway.Http.DeleteAsync(uri);
        using var again = await _gateway.Http.DeleteAsync(uri);
        using var none = await _gateway.Http.DeleteAsync(new Uri("/api/v1/devices/meter-13/dtls-certificates/123", UriKind.Relative));
        Assert.That((gone.StatusCode, again.StatusCode, none.StatusCode), Is.EqualTo((HttpStatusCode.NoContent, HttpStatusCode.NotFound, HttpStatusCode.BadRequest)));
        Assert.That(await _gateway.Http.GetStringAsync(certificates), Does.Contain("[]"));
    }

    [Test]
    public async Task Many_certificates_come_at_once_or_none_of_them()
    {
        var import = new Uri("/api/v1/dtls-certificates", UriKind.Relative);
        object Pin(string device, char digit, string? certificate = null) => new { device_id = device, fingerprint = certificate is null ? new string(digit, 64) : null, certificate };

        using var good = await _gateway.Http.PostAsJsonAsync(import, new { certificates = new[] { Pin("c-1", '1'), Pin("c-2", '2') } });
        using var foreign = await _gateway.Http.PostAsJsonAsync(import, new { certificates = new[] { Pin("c-3", '3'), Pin("c-2", '1') } });
        using var bad = await _gateway.Http.PostAsJsonAsync(import, new { certificates = new[] { Pin("c-4", '4'), Pin("c-5", 'x'), Pin("c-6", '6', "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"), Pin("c-7", '4') } });
        var third = await _gateway.Http.GetStringAsync(new Uri("/api/v1/devices/c-3/dtls-certificates", UriKind.Relative));
        var fourth = await _gateway.Http.GetStringAsync(new Uri("/api/v1/devices/c-4/dtls-certificates", UriKind.Relative));
        var problems = await bad.Content.ReadAsStringAsync();

        Assert.That((good.StatusCode, foreign.StatusCode, bad.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.UnprocessableEntity)));
        Assert.That(problems, Does.Contain("#/certificates/1/fingerprint").And.Contains("#/certificates/2/certificate").And.Contains("#/certificates/3/fingerprint"));
        Assert.That((third, fourth), Is.EqualTo(("{\"items\":[]}", "{\"items\":[]}")));
    }

    private Task<GatewayUnderTest> StartGatewayAsync() => GatewayUnderTest.StartAsync(
        _folder, null, "coap.dtls.enabled=true", "coap.dtls.port=0", Routes,
        $$"""coap.dtls.x509={"certificate_file": "{{_folder.PathOf("server.pem")}}", "key_file": "{{_folder.PathOf("server.key")}}", "client_ca_file": "{{_folder.PathOf("ca.pem")}}"}""");

    private Task<string> SendWithCertificateAsync(string path, string file, string patience = "10") =>
        OtherClient.LibcoapAsync(
            "openssl", $"coaps://127.0.0.1:{_gateway.Services.GetRequiredService<CoapServer>().SecureEndPoints[0].Port}{path}",
            "-v", "7", "-B", patience, "-m", "post", "-t", "50", "-e", """{"temperature": 21.5}""",
            "-c", _folder.PathOf(file + ".pem"), "-j", _folder.PathOf(file + ".key"), "-R", _folder.PathOf("ca.pem"));

    private async Task PutKeyAsync(string device, string identity, object body)
    {
        using var answer = await _gateway.Http.PutAsJsonAsync(new Uri($"/api/v1/devices/{device}/dtls-keys/{identity}", UriKind.Relative), body);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NoContent), await answer.Content.ReadAsStringAsync());
    }

    private static Task<string> SendAsync(GatewayUnderTest gateway, string path, string identity, string key, string patience = "10") =>
        OtherClient.LibcoapAsync(
            "openssl", $"coaps://127.0.0.1:{gateway.Services.GetRequiredService<CoapServer>().SecureEndPoints[0].Port}{path}",
            "-v", "7", "-B", patience, "-m", "post", "-t", "50", "-e", """{"temperature": 21.5}""", "-u", identity, "-k", key);
}
