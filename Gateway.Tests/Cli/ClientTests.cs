using System.Collections.Concurrent;
using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Cli;
using Gateway.Coap;
using Gateway.Tests.Support;

namespace Gateway.Tests.Cli;

/// <summary>The commands that ask a running gateway, as an admin types them.</summary>
internal sealed class ClientTests
{
    // Commands that are more than one question; the operations of the API that they ask.
    private static readonly string[] ByHand = ["POST /backups", "GET /backups/{id}", "POST /dead-letters/replay", "GET /events"];

    private GatewayUnderTest _gateway = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _gateway = await GatewayUnderTest.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await _gateway.DisposeAsync();

    [Test]
    public void Everything_that_the_API_can_do_the_command_line_can_do()
    {
        var document = JsonNode.Parse(File.ReadAllText(Repository.PathOf("Gateway.Tests", "Contracts", "openapi.approved.json")))!;
        string[] operations =
        [
            .. from path in document["paths"]!.AsObject()
               from operation in path.Value!.AsObject()
               where path.Key.StartsWith("/api/v1/", StringComparison.Ordinal)
               select $"{operation.Key.ToUpperInvariant()} {path.Key["/api/v1".Length..]}",
        ];
        string[] calls = [.. Calls(CommandLine.Create()).Select(call => $"{call.Method} {call.Path}"), .. ByHand];

        Assert.That(operations.Except(calls), Is.Empty, "operations of the API without a command: add one in Gateway/Cli/Resources");
        Assert.That(calls.Except(operations), Is.Empty, "commands that ask what the API does not have");
    }

    [Test]
    public void Every_option_of_a_command_is_described_and_none_is_there_twice()
    {
        var all = Commands(CommandLine.Create()).ToArray();

        Assert.That(all.Where(command => string.IsNullOrWhiteSpace(command.Description)).Select(command => command.Name), Is.Empty);
        Assert.That(from command in all from option in command.Options where string.IsNullOrWhiteSpace(option.Description) select $"{command.Name} {option.Name}", Is.Empty);
        Assert.That(from command in all from names in command.Options.SelectMany(option => option.Aliases.Append(option.Name)).GroupBy(name => name) where names.Count() > 1 select $"{command.Name} {names.Key}", Is.Empty);
    }

    [Test]
    public async Task A_device_is_registered_listed_and_removed()
    {
        var (added, _, problem) = await RunAsync("devices", "add", "till-1", "--profile", "json", "--label", "shop", "--label", "till", "--metadata", """{"floor": "2"}""");
        Assert.That((added, problem), Is.EqualTo((0, "")));

        var (_, table, _) = await RunAsync("devices", "list");
        Assert.That(table.Split('\n')[0], Does.StartWith("device id").And.Contain("profile"));
        Assert.That(table, Does.Match(@"till-1 +active +json +shop, till"));

        var (_, shown, _) = await RunAsync("devices", "show", "till-1", "--json");
        Assert.That(JsonNode.Parse(shown)!["metadata"]!["floor"]!.GetValue<string>(), Is.EqualTo("2"));

        Assert.That((await RunAsync("devices", "remove", "till-1")).Output, Is.EqualTo("removed\n"));
        var (gone, _, why) = await RunAsync("devices", "show", "till-1");
        Assert.That((gone, why), Is.EqualTo((1, "the gateway refuses: device till-1 is not known\n")));
    }

    [Test]
    public async Task A_list_goes_over_as_many_pages_as_are_wanted()
    {
        for (var i = 0; i < 5; i++)
        {
            await RunAsync("devices", "add", $"page-{i}", "--profile", "json");
        }

        var (_, all, _) = await RunAsync("devices", "list", "--json");
        var (_, some, _) = await RunAsync("devices", "list", "--json", "--limit", "3");

        Assert.That(JsonNode.Parse(all)!.AsArray().Select(device => device!["device_id"]!.GetValue<string>()), Is.SupersetOf(Enumerable.Range(0, 5).Select(i => $"page-{i}")));
        Assert.That(JsonNode.Parse(some)!.AsArray(), Has.Count.EqualTo(3));
    }

    [Test]
    public async Task Many_devices_come_from_a_file_and_go_into_one()
    {
        using var folder = new TempFolder();
        var file = folder.Write("devices.csv", "device_id,profile\nmany-1,json\nmany-2,json\n");

        var (code, told, error) = await RunAsync("devices", "import", file);
        var (_, lines, _) = await RunAsync("devices", "export", "--profile", "json");

        Assert.That(code, Is.Zero, error);
        Assert.That(told.TrimEnd().Split('\n'), Has.Length.EqualTo(3), told);
        Assert.That(lines.TrimEnd().Split('\n').Select(line => JsonNode.Parse(line)!["device_id"]!.GetValue<string>()), Is.SupersetOf(["many-1", "many-2"]));
    }

    [Test]
    public async Task A_device_is_changed_rejected_and_let_in()
    {
        await RunAsync("devices", "add", "guest", "--profile", "json", "--label", "old");

        Assert.That((await RunAsync("devices", "change", "guest", "--label", "new")).Output, Does.Match("(?m)^labels +new$"));
        Assert.That((await RunAsync("devices", "replace", "guest", "--profile", "json", "--label", "newest")).Output, Does.Match("(?m)^labels +newest$"), "whatever version is there");
        Assert.That((await RunAsync("devices", "reject", "guest")).Output, Does.Match("(?m)^state +rejected$"));
        Assert.That((await RunAsync("devices", "approve", "guest", "--profile", "json")).Output, Does.Match("(?m)^state +active$"));
        Assert.That((await RunAsync("explain", "guest")).Code, Is.Zero);
    }

    [Test]
    public async Task What_happens_is_shown_as_it_happens_until_it_is_stopped()
    {
        using var end = new CancellationTokenSource();
        await using var output = new Lines();
        var following = CommandLine.RunAsync(
            ["events", "--kind", "reading", "--json", "--url", _gateway.Http.BaseAddress!.ToString()],
            new InvocationConfiguration { Output = output, Error = TextWriter.Null }, end.Token);
        await Eventually.HoldsAsync(
            async () =>
            {
                await _gateway.SendAsync(CoapCode.Post, "/devices/loud/data", "{\"temperature\": 21}"u8.ToArray());
                return output.Written.Any(line => line.Contains("\"loud\"", StringComparison.Ordinal));
            },
            "a reading is shown");
        await end.CancelAsync();

        Assert.That(await following, Is.Zero);
    }

    [Test]
    public async Task A_command_is_queued_shown_and_cancelled()
    {
        await RunAsync("devices", "add", "valve", "--profile", "json");
        var (code, output, error) = await RunAsync("commands", "add", "valve", "set", "--payload", """{"open": true}""", "--priority", "3", "--json");
        Assert.That((code, error), Is.EqualTo((0, "")));
        var id = JsonNode.Parse(output)!["request_id"]!.GetValue<string>();

        Assert.That((await RunAsync("commands", "list", "--device", "valve")).Output, Does.Match($"{id} +valve +set +queued"));
        Assert.That((await RunAsync("commands", "cancel", id, "--json")).Output, Does.Contain("\"cancelled\""));
        Assert.That((await RunAsync("commands", "show", id)).Output, Does.Match(@"(?m)^state +cancelled$"));
    }

    [Test]
    public async Task What_is_wrong_is_told_with_its_place_and_as_it_came_for_programs()
    {
        var (code, _, error) = await RunAsync("devices", "add", "odd", "--profile", "nobody");
        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.StartWith("the gateway refuses:\n  #/profile: "));

        var (_, _, json) = await RunAsync("devices", "add", "odd", "--profile", "nobody", "--json");
        Assert.That(JsonNode.Parse(json)!["status"]!.GetValue<int>(), Is.EqualTo(422));

        var (noJson, _, place) = await RunAsync("commands", "add", "odd", "set", "--payload", "{");
        Assert.That(noJson, Is.EqualTo(2));
        Assert.That(place, Does.Contain("--payload is no JSON"));

        var (noObject, _, data) = await RunAsync("devices", "add", "odd", "--data", "[]");
        Assert.That(noObject, Is.EqualTo(2));
        Assert.That(data, Does.Contain("--data is no JSON object"));
    }

    [Test]
    public async Task Scripts_sinks_and_health_are_shown()
    {
        Assert.That((await RunAsync("scripts", "list")).Output, Does.Contain("json.csx"));
        Assert.That((await RunAsync("scripts", "commands", "json.csx")).Output, Does.Contain("set"));
        Assert.That((await RunAsync("sinks", "list")).Output, Does.Match("file +file +running"));
        Assert.That((await RunAsync("configuration", "show")).Output, Does.Match("(?m)^state +in_force$"));
        Assert.That((await RunAsync("health")).Output, Does.Match("journal +healthy"));
    }

    [Test]
    public async Task Without_a_gateway_it_says_where_it_looked_and_what_to_do()
    {
        var nowhere = $"http://127.0.0.1:{FreePort.Tcp()}";

        var (code, _, error) = await RunAtAsync(nowhere, "devices", "list");

        Assert.That(code, Is.EqualTo(3));
        Assert.That(error, Does.StartWith($"no gateway answers at {nowhere}/ (nothing listens there)").And.Contain("gateway run").And.Contain("--url"));

        var (nonsense, _, why) = await RunAtAsync("somewhere", "devices", "list");
        Assert.That(nonsense, Is.EqualTo(2));
        Assert.That(why, Does.Contain("is no address of a gateway"));
    }

    [TestCase("bash", "complete -F _gateway gateway")]
    [TestCase("zsh", "compdef _gateway gateway")]
    [TestCase("powershell", "Register-ArgumentCompleter")]
    public async Task Shells_complete_what_the_program_knows(string shell, string expected)
    {
        var (code, output, _) = await RunAtAsync(null, "completion", shell);
        Assert.That(code, Is.Zero);
        Assert.That(output, Does.Contain(expected));
        Assert.That((await RunAtAsync(null, "[suggest:8]", "gateway dev")).Output, Does.Contain("devices"));
    }

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) => RunAtAsync(_gateway.Http.BaseAddress!.ToString(), arguments);

    private static async Task<(int Code, string Output, string Error)> RunAtAsync(string? url, params string[] arguments)
    {
        await using var output = new StringWriter { NewLine = "\n" };
        await using var error = new StringWriter { NewLine = "\n" };
        string[] all = url is null ? arguments : [.. arguments, "--url", url];
        var code = await CommandLine.RunAsync(all, new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>What is written while others read it.</summary>
    private sealed class Lines : TextWriter
    {
        public ConcurrentQueue<string> Written { get; } = new();

        public override Encoding Encoding => Encoding.UTF8;

        public override Task WriteLineAsync(string? value)
        {
            Written.Enqueue(value ?? "");
            return Task.CompletedTask;
        }
    }

    private static IEnumerable<Command> Commands(Command command) => command.Subcommands.SelectMany(Commands).Prepend(command);

    private static IEnumerable<Call> Calls(Command command) => Commands(command).OfType<CallCommand>().Select(known => known.Call);
}
