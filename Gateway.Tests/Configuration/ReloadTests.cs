using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Coap;
using Gateway.Journal;
using Gateway.Tests.Support;

namespace Gateway.Tests.Configuration;

/// <summary>gateway.json is edited while a gateway runs with it. Each test starts from the shipped file.</summary>
internal sealed class ReloadTests
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
    private static readonly Uri Reload = new("/api/v1/configuration/reload", UriKind.Relative);

    private GatewayUnderTest _gateway = null!;
    private int _writes;

    [OneTimeSetUp]
    public async Task StartAsync() => _gateway = await GatewayUnderTest.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await _gateway.DisposeAsync();

    [SetUp]
    public async Task ShippedAsync()
    {
        var status = await EditAsync(_ => { });
        Assert.That((status["state"]!.GetValue<string>(), status["waiting_for_restart"]!.AsArray().Count), Is.EqualTo(("in_force", 0)));
    }

    [Test]
    public async Task A_route_with_a_new_profile_is_served_at_once_and_gone_at_once()
    {
        Assert.That((await PostAsync("/lab/bench")).Code, Is.EqualTo(CoapCode.NotFound));

        await EditAsync(tree =>
        {
            tree["profiles"]!["lab"] = JsonNode.Parse("""{"script": "json.csx", "labels": ["lab"], "unknown_devices": "provision"}""");
            tree["routes"]!.AsArray().Add(JsonNode.Parse("""{"path": "/lab/{device_id}", "profile": "lab"}"""));
        });
        Assert.That((await PostAsync("/lab/bench")).Code, Is.EqualTo(CoapCode.Created));
        Assert.That(LastLabels(), Is.EqualTo(["lab"]));
        Assert.That(Logged(), Does.Contain("profiles.lab: added").And.Contain("\"path\":\"/lab/{device_id}\""));

        await EditAsync(_ => { });
        Assert.That((await PostAsync("/lab/bench")).Code, Is.EqualTo(CoapCode.NotFound));
    }

    [Test]
    public async Task A_profile_that_has_changed_counts_for_the_next_frame_of_a_device_that_is_known()
    {
        await PostAsync("/devices/known/data");
        await EditAsync(tree => tree["profiles"]!["json"]!["labels"] = new JsonArray("changed"));

        await PostAsync("/devices/known/data");

        Assert.That(LastLabels(), Is.EqualTo(["changed"]));
        Assert.That(Logged(), Does.Contain("""profiles.json.labels: [] becomes ["changed"]"""));
    }

    [Test]
    public async Task Limits_count_from_now_on()
    {
        await PostAsync("/devices/limited/data");
        await EditAsync(tree =>
        {
            tree["commands"]!["max_queued_per_device"] = 1;
            tree["devices"]!["max_held"] = 0;
            tree["profiles"]!["json"]!["unknown_devices"] = "hold";
        });
        object command = new { device_id = "limited", command_type = "set", payload = new { a = 1 } };
        using var first = await _gateway.Http.PostAsJsonAsync("/api/v1/commands", command);
        using var second = await _gateway.Http.PostAsJsonAsync("/api/v1/commands", command);

        Assert.That(first.IsSuccessStatusCode, Is.True, await first.Content.ReadAsStringAsync());
        Assert.That(await second.Content.ReadAsStringAsync(), Does.Contain("commands.max_queued_per_device"));
        Assert.That((await PostAsync("/devices/stranger/data")).Code, Is.EqualTo(CoapCode.ServiceUnavailable), "nobody more may be held");
    }

    [Test]
    public async Task The_room_that_the_disk_must_have_can_be_set_and_set_off()
    {
        _gateway.Log.Expect("journal.min_free_megabytes is 1000000");
        await EditAsync(tree => tree["journal"]!["min_free_megabytes"] = 1_000_000);
        await Eventually.HoldsAsync(() => _gateway.Journal.Health.State is JournalState.Failing, "no disk has so much room");
        Assert.That((await PostAsync("/devices/full/data")).Code, Is.EqualTo(CoapCode.ServiceUnavailable));

        await EditAsync(tree => tree["journal"]!["min_free_megabytes"] = 0);
        await Eventually.HoldsAsync(() => _gateway.Journal.Health.State is JournalState.Running, "nobody asks any more");
        Assert.That((await PostAsync("/devices/full/data")).Code, Is.EqualTo(CoapCode.Created));
    }

    [Test]
    public async Task A_file_that_cannot_be_used_changes_nothing_and_is_told_until_it_can()
    {
        var status = await WriteAsync("""{"log": {"level": "loud"}, "routes": []}""");
        Assert.That(status["state"]!.GetValue<string>(), Is.EqualTo("refused"));
        Assert.That(await HealthAsync(), Does.StartWith("degraded: the settings stay as they were, for ").And.Contain("log.level: \"loud\" is none of"));
        Assert.That((await PostAsync("/devices/steady/data")).Code, Is.EqualTo(CoapCode.Created));

        File.Delete(_gateway.Folder.PathOf("gateway.json"));
        await LookAsync();
        Assert.That((await LookAsync())["problems"]![0]!.GetValue<string>(), Does.EndWith("gateway.json is not there any more"), "an editor is not away for so long");

        await EditAsync(_ => { });
        Assert.That(await HealthAsync(), Is.EqualTo("healthy: "));
        Assert.That(Logged(), Does.Contain("can't be used; all settings stay as they were").And.Contain("can be used again"));
    }

    [Test]
    public async Task What_takes_a_restart_is_named_until_it_is_taken_back()
    {
        var status = await EditAsync(tree =>
        {
            tree["coap"]!["max_payload_size"] = 4096;
            tree["storage"]!["path"] = "elsewhere.db";
            tree["log"]!["level"] = "debug";
        });

        Assert.That(status["waiting_for_restart"]!.AsArray().Select(change => change!["path"]!.GetValue<string>()), Is.EqualTo(["coap.max_payload_size", "storage.path"]));
        Assert.That(await HealthAsync(), Is.EqualTo("healthy: takes a restart: coap.max_payload_size, storage.path"));
        Assert.That(Logged(), Does.Contain("coap.max_payload_size: 8192 becomes 4096; this takes a restart").And.Contain("log.level: \"info\" becomes \"debug\""));

        await EditAsync(_ => { });
        Assert.That(await HealthAsync(), Is.EqualTo("healthy: "));
        Assert.That(Logged(), Does.Contain("it takes no restart any more"));
    }

    [Test]
    public async Task Nobody_need_ask_for_it()
    {
        var file = _gateway.Folder.PathOf("gateway.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"frames_per_second\":1000", "\"frames_per_second\":999", StringComparison.Ordinal));

        await Eventually.HoldsAsync(() => Logged().Contains("replay.frames_per_second: 1000 becomes 999", StringComparison.Ordinal), "it is looked at every two seconds");
    }

    private Task<JsonNode> EditAsync(Action<JsonNode> edit)
    {
        var tree = JsonNode.Parse(File.ReadAllText(Repository.PathOf("gateway.json")), documentOptions: Lenient)!;
        edit(tree);
        return WriteAsync(tree.ToJsonString());
    }

    // Each write is of another time, however coarse the file system's clock is.
    private Task<JsonNode> WriteAsync(string json)
    {
        File.SetLastWriteTimeUtc(_gateway.Folder.Write("gateway.json", json), new DateTime(2026, 1, 2, 3, 4, _writes++, DateTimeKind.Utc));
        return LookAsync();
    }

    private async Task<JsonNode> LookAsync()
    {
        using var answer = await _gateway.Http.PostAsync(Reload, null);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }

    private async Task<string> HealthAsync()
    {
        var check = JsonNode.Parse(await _gateway.Http.GetStringAsync("/health"))!["checks"]!["configuration"]!;
        return $"{check["status"]}: {check["description"]}";
    }

    private Task<CoapMessage> PostAsync(string path) => _gateway.SendAsync(CoapCode.Post, path, """{"temperature": 21}"""u8.ToArray());

    private string[] LastLabels()
    {
        var lines = Encoding.UTF8.GetString(_gateway.Journal.Read(_gateway.Journal.LastSequence - 1, 1).Single().Readings.Span);
        var reading = JsonNode.Parse(lines.Split('\n')[0])!;
        return [.. reading["label"]!.AsArray().Select(label => label!.GetValue<string>())];
    }

    private string Logged() => string.Join('\n', _gateway.Log.Lines);
}
