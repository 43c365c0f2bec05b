using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Gateway.Cli;
using Gateway.Coap;
using Gateway.Tests.Support;

namespace Gateway.Tests.Cli;

/// <summary><c>gateway doctor</c>, on folders and ports as an admin may have them.</summary>
internal sealed class DoctorTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder()
    {
        _folder = new TempFolder();
        _folder.Write("scripts/json.csx", "");
    }

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task A_machine_that_is_fit_is_told_so()
    {
        var (code, findings) = await LookAsync(Settings());

        Assert.That(findings.Where(finding => finding.State == "problem"), Is.Empty);
        Assert.That(code, Is.Zero);
        Assert.That(findings.Select(finding => finding.Subject), Is.SupersetOf(["gateway.json", "clock", "journal.path", "storage.path", "scripts", "API keys"]));
        Assert.That(findings.First(finding => finding.Subject == "journal.path").Fact, Does.Match(@"takes a sync in \d+\.\d ms"));
        Assert.That(Directory.Exists(_folder.PathOf("data")), Is.False, "who looks leaves nothing behind");
    }

    [Test]
    [Platform("Linux")]
    public async Task It_tells_whether_the_threads_that_devices_wait_for_may_have_a_greater_share_of_the_processors()
    {
        Assume.That(PromptThread.Read(), Is.Not.Null, "here the system is not asked");
        var (_, findings) = await LookAsync(Settings());

        var share = findings.Single(finding => finding.Subject == "share of the processors");
        Assert.That((share.State, share.Advice), NiceValue.After(PromptThread.Nice) == PromptThread.Nice
            ? Is.EqualTo(("ok", ""))
            : Is.EqualTo(("warning", "LimitNICE=-5 in the unit of systemd (ours has it), --ulimit nice=25:25 for docker run, or CAP_SYS_NICE")));
    }

    [Test]
    public async Task A_port_that_is_taken_is_a_problem_with_what_to_do()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)socket.LocalEndPoint!).Port;

        var (code, findings) = await LookAsync(Settings(port));

        Assert.That(code, Is.EqualTo(1));
        var finding = findings.Single(finding => finding.State == "problem");
        Assert.That(finding.Subject, Is.EqualTo(string.Create(CultureInfo.InvariantCulture, $"UDP port {port}")));
        Assert.That(finding.Advice, Does.Contain("coap.port"));
    }

    [Test]
    public async Task A_script_that_is_not_there_is_a_problem()
    {
        File.Delete(_folder.PathOf("scripts/json.csx"));

        var (code, findings) = await LookAsync(Settings());

        Assert.That(code, Is.EqualTo(1));
        Assert.That(findings.Single(finding => finding.State == "problem").Fact, Does.Contain("json.csx (profiles.json)"));
    }

    [TestCase(-1, "problem")]
    [TestCase(10, "warning")]
    [TestCase(400, "ok")]
    public async Task A_certificate_is_looked_at_wherever_gateway_json_names_it(int days, string expected)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-30), now.AddDays(days));
        _folder.Write("ca.pem", certificate.ExportCertificatePem());
        var settings = Settings();
        settings["sinks"] = JsonNode.Parse("""{"broker": {"type": "mqtt", "url": "mqtts://localhost", "client_id": "c", "tls": {"ca_file": "ca.pem"}}}""");

        var (_, findings) = await LookAsync(settings);

        var finding = findings.Single(finding => finding.Subject == "sinks.broker.tls.ca_file");
        Assert.That(finding.State, Is.EqualTo(expected));
        Assert.That(finding.Fact, Does.Contain("holds until"));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "there are no such permissions")]
    [UnsupportedOSPlatform("windows")]
    public async Task What_anybody_may_write_is_a_warning_with_the_command_that_mends_it()
    {
        File.SetUnixFileMode(_folder.PathOf("scripts"), File.GetUnixFileMode(_folder.PathOf("scripts")) | UnixFileMode.OtherWrite);

        var (_, findings) = await LookAsync(Settings());

        Assert.That(findings.Single(finding => finding.Subject == "scripts.path" && finding.Advice.Length > 0).Advice, Is.EqualTo($"chmod o-w {_folder.PathOf("scripts")}"));
    }

    [Test]
    public async Task What_DTLS_needs_is_looked_at()
    {
        using var authority = new TestAuthority();
        authority.Write(_folder);
        _folder.Write("data/gateway.key", "too short");
        File.SetLastWriteTimeUtc(_folder.Write("data/dtls.sessions", ""), DateTime.MaxValue.AddYears(-7000));
        var settings = Settings();
        settings["coap"]!["dtls"] = JsonNode.Parse("{\"enabled\": true, \"port\": 0, \"x509\": {\"certificate_file\": \"server.pem\", \"key_file\": \"client.key\", \"client_ca_file\": \"ca.pem\"}}");

        var (code, bad) = await LookAsync(settings);
        settings["coap"]!["dtls"]!["x509"]!["key_file"] = "server.key";
        File.Delete(_folder.PathOf("data/gateway.key"));
        File.Delete(_folder.PathOf("data/dtls.sessions"));
        var (goodCode, good) = await LookAsync(settings);

        Assert.That((code, goodCode), Is.EqualTo((1, 0)));
        Assert.That(StateOf(bad, "coap.dtls.x509"), Is.EqualTo(new[] { "problem" }));
        Assert.That(StateOf(bad, "storage.key_path"), Has.Member("problem"));
        Assert.That(StateOf(bad, "coap.dtls.sessions_path"), Has.Member("warning"));
        Assert.That(good.Single(finding => finding.Subject == "coap.dtls.x509").Fact, Does.Contain("CN=localhost").And.Contains("1 roots"));
        Assert.That(StateOf(good, "coap.dtls.x509.client_ca_file"), Is.EqualTo(new[] { "ok" }));

        static IEnumerable<string> StateOf(List<Seen> findings, string subject) => findings.Where(finding => finding.Subject == subject).Select(finding => finding.State);
    }

    private static JsonObject Settings(int port = 0) => JsonNode.Parse(string.Create(CultureInfo.InvariantCulture,
        $$$"""
        {
          "coap": {"addresses": ["127.0.0.1"], "port": {{{port}}} }, "api": {"port": 0}, "sinks": {},
          "profiles": {"json": {"script": "json.csx"}}, "routes": [{"path": "/devices/{device_id}/data", "profile": "json"}],
          "journal": {"min_free_megabytes": 1}
        }
        """))!.AsObject();

    private async Task<(int Code, List<Seen> Findings)> LookAsync(JsonObject settings)
    {
        await using var output = new StringWriter { NewLine = "\n" };
        await using var error = new StringWriter { NewLine = "\n" };
        var code = await CommandLine.RunAsync(
            ["doctor", "--json", "--config", _folder.Write("gateway.json", settings.ToJsonString())], new InvocationConfiguration { Output = output, Error = error });
        Assert.That(error.ToString(), Is.Empty);
        return (code, [.. JsonNode.Parse(output.ToString())!.AsArray().Select(finding => new Seen(Text(finding, "state"), Text(finding, "subject"), Text(finding, "fact"), Text(finding, "advice")))]);
    }

    private static string Text(JsonNode? finding, string member) => finding![member]!.GetValue<string>();

    private sealed record Seen(string State, string Subject, string Fact, string Advice);
}
