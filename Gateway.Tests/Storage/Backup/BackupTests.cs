using System.Collections.Concurrent;
using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Cli;
using Gateway.Coap;
using Gateway.Devices;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Storage;

/// <summary><c>gateway backup</c> of a gateway that takes frames, and <c>gateway restore</c> into another folder.</summary>
internal sealed class BackupTests
{
    private const int OtherJournal = 1510;

    private GatewayUnderTest _gateway = null!;
    private TempFolder _elsewhere = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _gateway = await GatewayUnderTest.StartAsync(sets: "backup.keep=2");

    [OneTimeTearDown]
    public async Task StopAsync() => await _gateway.DisposeAsync();

    [SetUp]
    public void MakeFolder() => _elsewhere = new TempFolder();

    [TearDown]
    public void DeleteFolder() => _elsewhere.Dispose();

    [Test]
    public async Task What_was_answered_before_it_is_in_it_with_devices_and_commands()
    {
        await PostAsync("cellar", 1);
        var command = await _gateway.QueueAsync(new { device_id = "cellar", command_type = "set", payload = new { interval = 5 } });
        var cancelled = await _gateway.QueueAsync(new { device_id = "cellar", command_type = "set", payload = new { interval = 6 } });
        (await _gateway.Http.DeleteAsync(new Uri($"/api/v1/commands/{cancelled}", UriKind.Relative))).EnsureSuccessStatusCode();
        using var end = new CancellationTokenSource();
        var answered = new ConcurrentQueue<long>();
        var sending = Enumerable.Range(0, 4).Select(device => Task.Run(() => SendAsync(device, answered, end.Token))).ToArray();
        await Eventually.HoldsAsync(() => answered.Count > 50, "frames come in");
        var (before, count) = (_gateway.Journal.LastSequence, answered.Count);

        var backup = await BackupAsync();
        await Eventually.HoldsAsync(() => answered.Count > count + 20, "and go on to");
        await end.CancelAsync();
        await Task.WhenAll(sending);
        var last = backup["last_record"]!.GetValue<long>();
        Assert.That(last, Is.InRange(before, _gateway.Journal.LastSequence));

        var (code, output, error) = await RunAsync("restore", backup["folder"]!.GetValue<string>(), "--config", _elsewhere.Write("gateway.json", "{}"), "--json");
        Assert.That((code, error), Is.EqualTo((0, "")), output);
        await using var restored = await GatewayUnderTest.StartAsync(_elsewhere);

        Assert.That(restored.Journal.Id, Is.Not.EqualTo(_gateway.Journal.Id).And.EqualTo(JsonNode.Parse(output)!["journal_id"]!.GetValue<string>()));
        Assert.That(restored.Journal.LastSequence, Is.EqualTo(last));
        Assert.That(Payloads(restored, last), Is.EqualTo(Payloads(_gateway, last)));
        Assert.That(await restored.Services.GetRequiredService<DeviceDirectory>().FindAsync(DeviceId.Parse("sender-3"), CancellationToken.None), Is.Not.Null);
        Assert.That((await restored.StateOfAsync(command), await restored.StateOfAsync(cancelled)), Is.EqualTo(("queued", "cancelled")));
        var answer = await restored.SendAsync(CoapCode.Post, "/devices/cellar/data", """{"n": 2}"""u8.ToArray());
        Assert.That(Encoding.UTF8.GetString(answer.Payload.Span), Is.EqualTo("""{"interval":5}"""), "the command goes out");
        Assert.That(restored.Log.Texts(OtherJournal), Is.Empty, "the store knows the journal that it follows");
        Assert.That(File.Exists(_elsewhere.PathOf("data/access.db")), "keys and the audit record come along");
    }

    [Test]
    public async Task Nothing_is_overwritten_and_nothing_that_is_damaged_is_restored()
    {
        await PostAsync("attic", 1);
        var folder = (await BackupAsync())["folder"]!.GetValue<string>();
        var config = _elsewhere.Write("gateway.json", "{}");

        var running = await RunAsync("restore", folder, "--config", _gateway.Folder.PathOf("gateway.json"), "--force");
        Assert.That(running.Code, Is.EqualTo(1));
        Assert.That(running.Error, Does.Contain("another gateway uses it"));

        var old = _elsewhere.Write("data/journal.db", "what was there before");
        var refused = await RunAsync("restore", folder, "--config", config);
        Assert.That((refused.Code, File.ReadAllText(old)), Is.EqualTo((1, "what was there before")));
        Assert.That(refused.Error, Does.Contain(old).And.Contain("--force"));
        Assert.That(Directory.GetFiles(_elsewhere.PathOf("data")), Is.EqualTo([old]));

        var forced = await RunAsync("restore", folder, "--config", config, "--force", "--keep-identity", "--json");
        var aside = JsonNode.Parse(forced.Output)!;
        Assert.That((forced.Code, aside["journal_id"]!.GetValue<string>()), Is.EqualTo((0, _gateway.Journal.Id)), forced.Error);
        Assert.That(File.ReadAllText(aside["moved_aside"]!.AsArray().Single()!.GetValue<string>()), Is.EqualTo("what was there before"));

        using (var file = new FileStream(Path.Combine(folder, "journal.db"), FileMode.Open))
        {
            file.Position = file.Length - 100;
            file.Write("damage"u8);
        }

        var damaged = await RunAsync("restore", folder, "--config", config, "--check");
        Assert.That(damaged.Code, Is.EqualTo(1));
        Assert.That(damaged.Error, Does.Contain("journal.db is not what was written"));
        Assert.That((await RunAsync("restore", _elsewhere.Path, "--config", config)).Error, Does.Contain("is no backup").And.Contain("backup.json"));
    }

    [Test]
    public async Task A_backup_of_before_there_was_a_history_leaves_no_other_one_in_its_place()
    {
        var folder = (await BackupAsync())["folder"]!.GetValue<string>();
        var config = _elsewhere.Write("gateway.json", "{}");
        await RunAsync("restore", folder, "--config", config);
        var manifest = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "backup.json")))!;
        manifest["format"] = 1;
        manifest["files"]!.AsArray().RemoveAll(file => file!["role"]!.GetValue<string>() == "history");
        await File.WriteAllTextAsync(Path.Combine(folder, "backup.json"), manifest.ToJsonString());

        var (code, output, error) = await RunAsync("restore", folder, "--config", config, "--force", "--json");

        Assert.That(code, Is.Zero, error);
        Assert.That(JsonNode.Parse(output)!["moved_aside"]!.AsArray().Select(path => Path.GetFileName(path!.GetValue<string>())), Has.Some.StartsWith("gateway-history.db.before-"));
        Assert.That(File.Exists(_elsewhere.PathOf("data/gateway-history.db")), Is.False);
    }

    [Test]
    public async Task Only_so_many_are_kept_and_they_are_listed()
    {
        for (var i = 0; i < 3; i++)
        {
            await BackupAsync();
        }

        var (code, output, _) = await RunAsync("backup", "list", "--url", _gateway.Http.BaseAddress!.ToString(), "--json");
        Assert.That((code, JsonNode.Parse(output)!.AsArray().Count), Is.EqualTo((0, 2)));
        Assert.That(Directory.GetDirectories(_gateway.Folder.PathOf("data/backups")), Has.Length.EqualTo(2));
    }

    [Test]
    public async Task A_gateway_that_does_not_run_is_backed_up_by_its_files()
    {
        var backup = await BackupAsync();
        var config = _elsewhere.Write("gateway.json", "{}");
        await RunAsync("restore", backup["folder"]!.GetValue<string>(), "--config", config);

        var (code, output, error) = await RunAsync("backup", "--to", _elsewhere.PathOf("copies"), "--config", config, "--json");
        var (busy, _, why) = await RunAsync("backup", "--offline", "--config", _gateway.Folder.PathOf("gateway.json"));

        Assert.That((code, JsonNode.Parse(output)!["last_record"]!.GetValue<long>()), Is.EqualTo((0, backup["last_record"]!.GetValue<long>())), error);
        Assert.That((await RunAsync("restore", JsonNode.Parse(output)!["folder"]!.GetValue<string>(), "--check")).Code, Is.Zero);
        Assert.That(busy, Is.EqualTo(1));
        Assert.That(why, Does.Contain("While the gateway runs, leave --offline"));
    }

    private async Task<JsonNode> BackupAsync()
    {
        var (code, output, error) = await RunAsync("backup", "--url", _gateway.Http.BaseAddress!.ToString(), "--json");
        Assert.That(code, Is.Zero, error);
        return JsonNode.Parse(output)!;
    }

    private async Task SendAsync(int device, ConcurrentQueue<long> answered, CancellationToken end)
    {
        for (var n = 0; !end.IsCancellationRequested; n++)
        {
            await PostAsync($"sender-{device}", n);
            answered.Enqueue(n);
        }
    }

    private async Task PostAsync(string device, int n)
    {
        var answer = await _gateway.SendAsync(CoapCode.Post, $"/devices/{device}/data", Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"n": {{n}}}""")));
        Assert.That(answer.Code, Is.EqualTo(CoapCode.Created));
    }

    private static string[] Payloads(GatewayUnderTest gateway, long last) =>
        [.. gateway.Journal.Read(0, (int)last).Where(record => record.Sequence <= last).Select(record => $"{record.DeviceId} {Encoding.UTF8.GetString(record.Payload.Span)}")];

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        await using var output = new StringWriter { NewLine = "\n" };
        await using var error = new StringWriter { NewLine = "\n" };
        var code = await CommandLine.RunAsync(arguments, new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
