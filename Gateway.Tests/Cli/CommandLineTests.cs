using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Cli;
using Gateway.Coap;
using Gateway.Tests.Coap;
using Gateway.Tests.Support;

namespace Gateway.Tests.Cli;

internal sealed class CommandLineTests
{
    // Tests run in the folder of their assembly; this is where the shipped configuration and its scripts are.
    private static readonly string Shipped = Repository.PathOf("gateway.json");

    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task Parse_prints_a_line_of_JSON_for_each_reading()
    {
        var (code, output, _) = await RunAsync("parse", "efento.csx", "--config", Shipped, "--path", "/m", "--hex", Frames.Efento);
        var lines = output.Trim().Split('\n');
        var first = JsonNode.Parse(lines[0])!;

        Assert.That((code, lines.Length), Is.EqualTo((0, 4)));
        Assert.That((first["device_id"]!.GetValue<string>(), first["values"]!.ToJsonString()), Is.EqualTo(("282c02424eed", "[23.3]")));
    }

    [Test]
    public async Task Parse_takes_a_script_by_its_path_and_a_file_of_bytes()
    {
        var file = _folder.PathOf("frame.bin");
        await File.WriteAllBytesAsync(file, Convert.FromHexString(Frames.Efento));

        var (code, output, _) = await RunAsync("parse", Repository.PathOf("scripts", "efento.csx"), "--file", file);

        Assert.That((code, output.Trim().Split('\n').Length), Is.EqualTo((0, 4)));
    }

    [Test]
    public async Task Parse_says_when_there_is_no_payload_and_when_there_is_nothing_in_it()
    {
        var none = await RunAsync("parse", "json.csx", "--config", Shipped);
        var empty = await RunAsync("parse", "json.csx", "--config", Shipped, "--hex", Convert.ToHexString("{}"u8));

        Assert.That((none.Code, empty.Code, empty.Output), Is.EqualTo((1, 0, "")));
        Assert.That(none.Error, Does.StartWith("no payload is given").And.Contain("--hex"));
        Assert.That(empty.Error, Does.Contain("json.csx understands the payload, and reads nothing in it"));
    }

    [TestCase("parse", "missing.csx", "--hex", "00", 1, "missing.csx")]
    [TestCase("parse", "efento.csx", "--hex", "0", 2, "hexadecimal")]
    [TestCase("parse", "efento.csx", "--file", "no-such-file", 2, "no-such-file")]
    [TestCase("parse", "efento.csx", "--hex", "ff", 1, "")]
    [TestCase("format", "efento.csx", "--command", "{", 2, "--command")]
    [TestCase("format", "efento.csx", "--command", """{"payload": {}}""", 2, "command_type")]
    [TestCase("format", "efento.csx", "--command", """{"command_type": "dance"}""", 1, "dance")]
    public async Task What_is_wrong_is_said_on_standard_error(string command, string script, string option, string value, int expected, string hint)
    {
        var (code, output, error) = await RunAsync(command, script, option, value, "--config", Shipped);

        Assert.That(code, Is.EqualTo(expected), error);
        Assert.That(error, Is.Not.Empty.And.Contain(hint));
        Assert.That(output, Is.Empty);
    }

    [TestCase("dance")]
    [TestCase("parse")]
    [TestCase("send", "coap://127.0.0.1/m", "--hex", "00", "--file", "x")]
    [TestCase("send", "coap://127.0.0.1/m", "--method", "TRACE")]
    [TestCase("send", "coap://127.0.0.1/m", "--block-size", "48")]
    [TestCase("send", "coap://127.0.0.1/m", "--block-size", "2048")]
    [TestCase("send", "coap://127.0.0.1/m", "--block-size", "large")]
    [TestCase("journal", "tail", "--lines", "many")]
    public async Task A_command_line_that_cannot_be_used_ends_with_2(params string[] arguments)
    {
        var (code, _, error) = await RunAsync(arguments);

        Assert.That(code, Is.EqualTo(2));
        Assert.That(error, Is.Not.Empty);
    }

    [Test]
    public async Task Format_prints_hexadecimal_digits()
    {
        var (code, output, _) = await RunAsync(
            "format", "efento.csx", "--config", Shipped,
            "--command", """{"command_type": "config_update", "payload": {"measurement_period_base": 60, "transmission_interval": 3600}}""");

        Assert.That((code, output.Trim()), Is.EqualTo((0, "103c18901c")));
    }

    [Test]
    public async Task Format_lists_the_commands_that_the_script_knows()
    {
        var (code, output, _) = await RunAsync("format", "efento.csx", "--config", Shipped, "--list");
        var commands = output.Trim().Split('\n').Select(line => JsonNode.Parse(line)!).ToArray();

        Assert.That(code, Is.Zero);
        Assert.That(commands.Select(command => command["command_type"]!.GetValue<string>()), Is.SupersetOf(new[] { "config_update", "time_sync" }));
        Assert.That(commands[0]["schema"]!["type"]!.GetValue<string>(), Is.EqualTo("object"));
    }

    [Test]
    public async Task Format_without_a_command_asks_for_one()
    {
        var (code, _, error) = await RunAsync("format", "efento.csx", "--config", Shipped);

        Assert.That((code, error.Trim()), Is.EqualTo((2, "--command is missing: the command as JSON; --list prints which there are")));
    }

    [Test]
    public async Task What_a_script_warns_of_is_shown_beside_what_it_gives()
    {
        var script = _folder.Write("warning.csx", """
            Reading[] parse(byte[] payload, DeviceConfig config) { warn("odd firmware"); return [new("A", 1)]; }
            byte[]? format_command(Command command, DeviceConfig config) { warn("old command"); return [1]; }
            """);

        var parsed = await RunAsync("parse", script, "--hex", "00");
        var formatted = await RunAsync("format", script, "--command", """{"command_type": "set"}""");

        Assert.That((parsed.Code, parsed.Error.Trim()), Is.EqualTo((0, "warning: odd firmware")));
        Assert.That(JsonNode.Parse(parsed.Output)!["metadata"]!["warnings"]!.GetValue<string>(), Is.EqualTo("odd firmware"));
        Assert.That((formatted.Code, formatted.Output.Trim(), formatted.Error.Trim()), Is.EqualTo((0, "01", "warning: old command")));
    }

    [Test]
    public async Task Check_passes_the_shipped_configuration_and_scripts()
    {
        var (code, output, error) = await RunAsync("check", "--config", Shipped);

        Assert.That(code, Is.Zero, error);
        Assert.That(output, Does.Contain("efento.csx").And.Contain("json.csx").And.Contain("all is well"));
    }

    [Test]
    public async Task Check_tells_of_every_script_that_does_not_compile()
    {
        _folder.Write("scripts/efento.csx", "int broken = ;");
        _folder.Write("scripts/json.csx", "var x = 1;");

        var (code, _, error) = await RunAsync("check", "--config", _folder.Write("gateway.json", "{}"));

        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.Contain("efento.csx(1,14): error CS1525").And.Contain("json.csx").And.Contain("parse"));
    }

    [Test]
    public async Task Check_tells_of_a_profile_without_its_script()
    {
        File.Copy(Repository.PathOf("scripts", "json.csx"), _folder.Write("scripts/json.csx", ""), overwrite: true);

        var (code, _, error) = await RunAsync("check", "--config", _folder.Write("gateway.json", "{}"));

        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.Contain("profiles.efento.script").And.Not.Contain("profiles.json.script"));
    }

    [Test]
    public async Task Check_lets_a_script_that_is_trusted_use_files_but_not_one_of_its_name_elsewhere()
    {
        const string Reaching = "var there = System.IO.File.Exists(\"x\");\nReading[] parse(byte[] payload, DeviceConfig config) => [];\nbyte[]? format_command(Command command, DeviceConfig config) => null;";
        _folder.Write("scripts/x.csx", Reaching);
        var elsewhere = _folder.Write("elsewhere/x.csx", Reaching);
        var configuration = _folder.Write("gateway.json", """{"profiles": {"x": {"script": "x.csx"}}, "routes": [], "scripts": {"trusted": ["x.csx"]}}""");

        var (trusted, _, nothing) = await RunAsync("check", "--config", configuration);
        var (other, _, refused) = await RunAsync("parse", elsewhere, "--hex", "00", "--config", configuration);

        Assert.That((trusted, nothing), Is.EqualTo((0, "")));
        Assert.That(other, Is.Not.Zero);
        Assert.That(refused, Does.Contain("error GW0040: System.IO.File is not available to scripts"));
    }

    [Test]
    public async Task Check_tells_of_a_trusted_script_that_is_not_there()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "scripts"));

        var (code, _, error) = await RunAsync("check", "--config", _folder.Write("gateway.json", """{"profiles": {}, "routes": [], "scripts": {"trusted": ["y.csx"]}}"""));

        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.StartWith("scripts.trusted: there is no y.csx in "));
    }

    [Test]
    public async Task Check_tells_of_a_configuration_that_cannot_be_used()
    {
        var (code, _, error) = await RunAsync("check", "--config", _folder.Write("gateway.json", """{"coap": {"port": "x"}}"""));

        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.Contain("coap.port"));
    }

    [Test]
    public async Task Send_prints_the_answer_of_a_gateway()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var at = string.Create(CultureInfo.InvariantCulture, $"coap://127.0.0.1:{gateway.CoapPort}");

        var posted = await RunAsync("send", $"{at}/m", "--hex", Frames.Efento);
        var discovered = await RunAsync("send", $"{at}/.well-known/core", "-m", "GET");
        var missing = await RunAsync("send", $"{at}/nowhere");

        Assert.That((posted.Code, posted.Output.Trim()), Is.EqualTo((0, "2.01")));
        Assert.That((discovered.Code, missing.Code), Is.EqualTo((0, 1)));
        Assert.That(discovered.Output, Does.StartWith("2.05").And.Contain("</m>"));
        Assert.That(missing.Output, Does.StartWith("4.04"));
    }

    [Test]
    public async Task Send_sends_a_NON_and_blocks()
    {
        using var server = new ScriptedServer();
        var running = RunAsync("send", $"coap://127.0.0.1:{server.Port}/m", "-N", "-b", "16", "--hex", string.Concat(Enumerable.Repeat("ab", 17)));
        var first = server.Receive();
        server.Send(new CoapMessage(MessageType.NonConfirmable, CoapCode.Continue, new MessageId(1))
        {
            Token = first.Token,
            Options = [new BlockOption(0, true, 0).ToOption(OptionNumber.Block1)],
        });
        var second = server.Receive();
        server.Answer(MessageType.NonConfirmable, new MessageId(2), second.Token, "thanks");

        Assert.That((await running).Output, Is.EqualTo("2.05\n7468616e6b73\n"));
        Assert.That(new[] { first, second }.Select(block => (block.Type, block.Payload.Length)), Is.EqualTo(new[] { (MessageType.NonConfirmable, 16), (MessageType.NonConfirmable, 1) }));
    }

    [TestCase("coap://127.0.0.1:1/m", 1, "127.0.0.1:1")]
    [TestCase("http://127.0.0.1/m", 2, "coap://")]
    [TestCase("coaps://127.0.0.1/m", 2, "--psk-file")]
    public async Task Send_says_why_there_is_no_answer(string uri, int expected, string hint)
    {
        var (code, _, error) = await RunAsync("send", uri);

        Assert.That((code, error), Is.EqualTo((expected, error)));
        Assert.That(error, Does.Contain(hint));
    }

    [TestCase("sensor-1", null, "line 1", "identity:key")]
    [TestCase("# ours\n\nsensor-1:xyz", null, "line 3", "hexadecimal")]
    [TestCase(":c0ffee", null, "line 1", "identity:key")]
    [TestCase("sensor-1:c0ffee", "sensor-2", "\"sensor-2:\"", "--psk-identity")]
    [TestCase("# nobody", null, "no line", "identity:key")]
    [TestCase(null, null, "--psk-file", "missing.psk")]
    public async Task Send_says_what_is_wrong_with_a_file_of_keys(string? text, string? identity, params string[] hints)
    {
        var file = text is null ? Path.Combine(_folder.Path, "missing.psk") : _folder.Write("keys.psk", text);

        var (code, _, error) = await RunAsync(["send", "coaps://127.0.0.1/m", "--psk-file", file, .. identity is null ? Array.Empty<string>() : ["--psk-identity", identity]]);

        Assert.That(code, Is.EqualTo(2));
        Assert.That(error, Does.Contain(hints[0]).And.Contain(hints[1]).And.Not.Contain("c0ffee"));
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using StringWriter output = new(CultureInfo.InvariantCulture), error = new(CultureInfo.InvariantCulture);
        var code = await CommandLine.RunAsync(arguments, new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString().ReplaceLineEndings("\n"), error.ToString());
    }
}
