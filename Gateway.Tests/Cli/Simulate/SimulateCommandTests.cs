using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Cli;
using Gateway.Tests.Support;

namespace Gateway.Tests.Cli.Simulate;

/// <summary><c>gateway simulate</c> against a whole gateway, through a bad network.</summary>
internal sealed class SimulateCommandTests
{
    private static readonly string[] BadNetwork = ["--jitter", "--loss", "5%", "--duplicate", "5%", "--nat-rebind", "3%", "--ack-timeout", "300ms"];

    private GatewayUnderTest _gateway = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _gateway = await GatewayUnderTest.StartAsync(sets: "profiles.efento.confirm_timeout_seconds=1");

    [OneTimeTearDown]
    public async Task StopAsync() => await _gateway.DisposeAsync();

    [Test]
    public async Task The_gateway_keeps_its_word_to_a_fleet_of_Efento_sensors()
    {
        var (code, output, error) = await SimulateAsync(["--devices", "25", "--interval", "1s", "--duration", "6s", "--seed", "7", "--commands", "2", "--json", .. BadNetwork]);

        Assert.That(error, Does.Contain("25 efento devices speak to 127.0.0.1"));
        var verdict = JsonNode.Parse(output.TrimEnd().Split('\n')[^1])!;
        Assert.That((code, verdict["passed"]!.GetValue<bool>()), Is.EqualTo((0, true)), output);
        Assert.That(verdict["readings"]!["acknowledged"]!.GetValue<int>(), Is.Positive);
        Assert.That(verdict["commands"]!["applied"]!.GetValue<int>(), Is.EqualTo(verdict["commands"]!["queued"]!.GetValue<int>()).And.Positive);
        Assert.That(verdict["counts"]!["lost_datagrams"]!.GetValue<int>(), Is.Positive);
    }

    [Test]
    public async Task It_keeps_its_word_to_the_other_families()
    {
        var families = DeviceFamily.All.Where(family => family.Name != "efento").ToArray();
        var ends = await Task.WhenAll(families.Select(family =>
            SimulateAsync(["--family", family.Name, "--devices", "6", "--interval", "1s", "--duration", "4s", "--seed", "9", "--json", .. BadNetwork])));

        foreach (var (family, (code, output, _)) in families.Zip(ends))
        {
            var verdict = JsonNode.Parse(output.TrimEnd().Split('\n')[^1])!;
            Assert.That(code, Is.Zero, $"{family.Name}: {output}");
            Assert.That(verdict["readings"]!["acknowledged"]!.GetValue<int>(), Is.Positive, family.Name);
        }
    }

    [Test]
    public async Task Commands_are_for_families_that_obey_them()
    {
        var (code, _, error) = await RunAsync("simulate", "--family", "json", "--commands");

        Assert.That((code, error), Is.EqualTo((2, "--commands is for efento: a simulated json device makes nothing of what it is told\n")));
    }

    [Test]
    public async Task Readings_that_do_not_come_out_fail_the_verdict_and_people_are_told_which()
    {
        using var folder = new TempFolder();

        var (code, output, _) = await SimulateAsync(
            ["--devices", "2", "--interval", "1s", "--duration", "2s", "--settle", "1s", "--seed", "8", "--ack-timeout", "300ms"], folder.PathOf("nobody-writes.ndjson"));

        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.Contain("verdict: FAILED").And.Match(@"\d+ acknowledged readings did not come out").And.Match("missing: 282c02[0-9a-f]{6} [A-Z_]+ of 20"));
    }

    [Test]
    public async Task Without_a_gateway_the_verdict_says_that_nothing_was_answered()
    {
        var (code, output, _) = await RunAsync(
            "simulate", $"coap://127.0.0.1:{FreePort.Tcp().ToString(CultureInfo.InvariantCulture)}", "--devices", "2", "--interval", "1s", "--duration", "1s", "--settle", "1s", "--readings", "none");

        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.Contain("no message was answered with a success").And.Contain("readings: not compared"));
    }

    [TestCase("--loss", "120%", "--loss: a part such as 5% or 0.05 is expected")]
    [TestCase("--interval", "10", "--interval: a time such as 500ms, 10s, 15m or 2h is expected")]
    [TestCase("--interval", "200ms", "--interval: 1s is the shortest")]
    [TestCase("--devices", "0", "--devices: 1 to 1000000 is expected")]
    [TestCase("--ack-interval", "soon", "--ack-interval: a time such as 3m is expected")]
    [TestCase("--commands", "-1", "--commands: 0 to 1000 is expected")]
    [TestCase("--set", "coap.port=0", "coap.port is 0, so nobody knows where the gateway takes frames")]
    public async Task What_cannot_be_meant_is_told(string option, string value, string expected)
    {
        var (code, _, error) = await RunAsync("simulate", option, value);

        Assert.That(code, Is.EqualTo(2), error);
        Assert.That(error, Does.Contain(expected));
    }

    [TestCase("http://127.0.0.1", "begins neither with coap:// nor with coaps://")]
    [TestCase("coaps://127.0.0.1", "simulated devices do not speak")]
    [TestCase("coap://127.0.0.1/m", "has a path, but each family has paths of its own")]
    public async Task A_target_is_host_and_port(string target, string expected)
    {
        var (code, _, error) = await RunAsync("simulate", target);

        Assert.That(code, Is.EqualTo(2));
        Assert.That(error, Does.Contain(expected));
    }

    private Task<(int Code, string Output, string Error)> SimulateAsync(string[] options, string? readings = null) => RunAsync(
    [
        "simulate", string.Create(CultureInfo.InvariantCulture, $"coap://127.0.0.1:{_gateway.CoapPort}"), "--url", _gateway.Http.BaseAddress!.ToString(),
        "--readings", readings ?? _gateway.Folder.PathOf("data/readings.ndjson"), .. options,
    ]);

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        await using var output = new StringWriter { NewLine = "\n" };
        await using var error = new StringWriter { NewLine = "\n" };
        var code = await CommandLine.RunAsync(arguments, new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
