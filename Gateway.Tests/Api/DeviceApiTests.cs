using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Coap;
using Gateway.Devices;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Api;

/// <summary>Devices over the management API. One gateway for all; each test has devices of its own.</summary>
internal sealed class DeviceApiTests
{
    private const string Devices = "/api/v1/devices";

    private GatewayUnderTest _gateway = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _gateway = await GatewayUnderTest.StartAsync(sets: ["profiles.json.unknown_devices=hold", "profiles.json.labels=[\"json-speaker\"]"]);

    [OneTimeTearDown]
    public async Task StopAsync() => await _gateway.DisposeAsync();

    [Test]
    public async Task A_held_device_is_approved_and_what_it_sent_is_read()
    {
        var refused = await SpeakAsync("held-1", """{"temperature": 41}""");
        var held = (await ItemsAsync("?state=held")).Single(device => Text(device, "device_id") == "held-1");

        using var approved = await _gateway.SendJsonAsync(HttpMethod.Post, $"{Devices}/held-1/approve", new { labels = new[] { "let in" } });
        using var again = await _gateway.SendJsonAsync(HttpMethod.Post, $"{Devices}/held-1/approve");

        await Eventually.HoldsAsync(async () => (await ReadingsOfAsync("held-1")).Count == 1, "the frame that was held is read");
        var reading = (await ReadingsOfAsync("held-1")).Single();
        Assert.That(refused, Is.EqualTo(CoapCode.Forbidden));
        Assert.That(held["last_seen_at"], Is.Not.Null);
        Assert.That((approved.StatusCode, again.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.Conflict)));
        Assert.That((reading["values"]!.ToJsonString(), reading["label"]!.ToJsonString()), Is.EqualTo(("[41]", """["json-speaker","let in"]""")));
    }

    [Test]
    public async Task Many_that_are_approved_at_once_are_all_read()
    {
        string[] ids = [.. Enumerable.Range(0, 20).Select(number => $"many-{number:00}")];
        foreach (var id in ids)
        {
            await SpeakAsync(id, """{"temperature": 1}""");
        }

        await Task.WhenAll(ids.Select(async id => (await _gateway.SendJsonAsync(HttpMethod.Post, $"{Devices}/{id}/approve")).Dispose()));

        await Eventually.HoldsAsync(async () => (await ReadingsOfAsync("many-")).Count == ids.Length, "all of them are read");
    }

    [Test]
    public async Task A_rejected_device_is_refused_and_nothing_of_it_is_kept()
    {
        await SpeakAsync("unwanted", """{"temperature": 1}""");
        using var rejected = await _gateway.SendJsonAsync(HttpMethod.Post, $"{Devices}/unwanted/reject");
        var before = _gateway.Journal.LastSequence;

        var answer = await _gateway.SendAsync(CoapCode.Post, "/devices/unwanted/data", "{}"u8.ToArray());

        Assert.That((rejected.StatusCode, answer.Code, _gateway.Journal.LastSequence), Is.EqualTo((HttpStatusCode.OK, CoapCode.Forbidden, before)));
        Assert.That((await ItemsAsync("?state=rejected")).Select(device => Text(device, "device_id")), Is.EqualTo(new[] { "unwanted" }));
        Assert.That(Encoding.UTF8.GetString(answer.Payload.Span), Does.Contain("not registered").And.Not.Contain("reject"));
    }

    [Test]
    public async Task An_approval_that_a_crash_has_left_is_gone_on_with()
    {
        using var folder = new TempFolder();
        await using (var first = await GatewayUnderTest.StartAsync(folder, sets: "profiles.json.unknown_devices=hold"))
        {
            await first.SendAsync(CoapCode.Post, "/devices/cellar/data", """{"temperature": 3}"""u8.ToArray());
            var held = await first.Services.GetRequiredService<DeviceDirectory>().FindAsync(DeviceId.Parse("cellar"), CancellationToken.None);

            // As the directory does it, without telling anybody.
            await first.Services.GetRequiredService<IDeviceStore>().ApproveAsync(held! with { State = DeviceState.Active }, held.CreatedAt, CancellationToken.None);
        }

        await using var second = await GatewayUnderTest.StartAsync(folder, sets: "profiles.json.unknown_devices=hold");

        Assert.That((await second.ReadingsAsync(1))[0]["values"]!.ToJsonString(), Is.EqualTo("[3]"));
    }

    [Test]
    public async Task A_device_that_is_known_is_seen_with_each_frame()
    {
        await CreateAsync("seen-1", new { device_id = "seen-1", profile = "json" });
        await SpeakAsync("seen-1", """{"temperature": 1}""");
        var first = await SeenAsync();
        await SpeakAsync("seen-1", """{"temperature": 2}""");

        Assert.That(await SeenAsync(), Is.GreaterThan(first));

        async Task<DateTimeOffset> SeenAsync() => JsonNode.Parse(await _gateway.Http.GetStringAsync($"{Devices}/seen-1"))!["last_seen_at"]!.GetValue<DateTimeOffset>();
    }

    [Test]
    public async Task Devices_are_found_by_profile_label_and_when_they_spoke()
    {
        await CreateAsync("f-1", new { device_id = "f-1", profile = "efento", labels = new[] { "north" } });
        await CreateAsync("f-2", new { device_id = "f-2", profile = "json", labels = new[] { "north" } });
        await CreateAsync("f-3", new { device_id = "f-3", profile = "json" });
        var before = DateTimeOffset.UnixEpoch.AddYears(30).ToString("O");
        await SpeakAsync("f-3", """{"temperature": 1}""");

        Assert.That(await IdsAsync("f-", "label=north"), Is.EqualTo(new[] { "f-1", "f-2" }));
        Assert.That(await IdsAsync("f-", "label=north&profile=json"), Is.EqualTo(new[] { "f-2" }));
        Assert.That(await IdsAsync("f-", "label=json-speaker"), Is.EqualTo(new[] { "f-2", "f-3" }), "labels of the profile count, too");
        Assert.That(await IdsAsync("f-", $"seen_since={Uri.EscapeDataString(before)}"), Is.EqualTo(new[] { "f-3" }));
        Assert.That(await IdsAsync("f-", $"seen_before={Uri.EscapeDataString(before)}"), Is.EqualTo(new[] { "f-1", "f-2" }), "who never spoke is silent, too");
    }

    [Test]
    public async Task Nobody_overwrites_what_they_have_not_seen()
    {
        await CreateAsync("tag-1", new { device_id = "tag-1", profile = "json" });
        using var seen = await _gateway.SendJsonAsync(HttpMethod.Get, $"{Devices}/tag-1");
        var tag = seen.Headers.ETag!.ToString();

        using var unconditional = await _gateway.SendJsonAsync(HttpMethod.Put, $"{Devices}/tag-1", new { profile = "efento" });
        using var first = await _gateway.SendJsonAsync(HttpMethod.Put, $"{Devices}/tag-1", new { profile = "json", labels = new[] { "mine" } }, ("If-Match", tag));
        using var second = await _gateway.SendJsonAsync(HttpMethod.Put, $"{Devices}/tag-1", new { profile = "json", labels = new[] { "yours" } }, ("If-Match", tag));
        using var stale = await _gateway.SendJsonAsync(HttpMethod.Delete, $"{Devices}/tag-1", null, ("If-Match", tag));
        using var create = await _gateway.SendJsonAsync(HttpMethod.Put, $"{Devices}/tag-1", new { profile = "json" }, ("If-None-Match", "*"));
        using var missing = await _gateway.SendJsonAsync(HttpMethod.Put, $"{Devices}/tag-2", new { profile = "json" }, ("If-Match", "*"));
        await SpeakAsync("tag-1", """{"temperature": 1}""");
        using var after = await _gateway.SendJsonAsync(HttpMethod.Get, $"{Devices}/tag-1");
        using var deleted = await _gateway.SendJsonAsync(HttpMethod.Delete, $"{Devices}/tag-1", null, ("If-Match", after.Headers.ETag!.ToString()));

        Assert.That((int)unconditional.StatusCode, Is.EqualTo(428));
        Assert.That((int)first.StatusCode, Is.EqualTo(200));
        Assert.That(new[] { second, stale, create, missing }.Select(response => (int)response.StatusCode), Is.All.EqualTo(412));
        Assert.That(after.Headers.ETag, Is.EqualTo(first.Headers.ETag), "that it speaks is no change");
        Assert.That((int)deleted.StatusCode, Is.EqualTo(204));
        Assert.That(JsonNode.Parse(await unconditional.Content.ReadAsStringAsync())!["detail"]!.GetValue<string>(), Does.Contain("If-Match"));
    }

    [Test]
    public async Task Members_can_be_changed_one_by_one()
    {
        await CreateAsync("patch-1", new { device_id = "patch-1", profile = "json", labels = new[] { "a" }, settings = new { scale = 2, unit = "Cel" } });

        var (status, patched) = await PatchAsync("patch-1", """{"labels": ["b", "c"], "settings": {"unit": null, "offset": 1}}""");
        var (unknown, problem) = await PatchAsync("patch-1", """{"lables": []}""");
        var (type, _) = await PatchAsync("patch-1", """{"labels": [1]}""");
        var (renamed, _) = await PatchAsync("patch-1", """{"device_id": "other"}""");
        var (gone, _) = await PatchAsync("patch-1", """{"profile": null}""");
        var (nobody, _) = await PatchAsync("patch-2", "{}");
        var (twice, _) = await PatchAsync("patch-1", """{"labels": [], "labels": []}""");
        using var plain = await _gateway.SendJsonAsync(HttpMethod.Patch, $"{Devices}/patch-1", new { });

        Assert.That(status, Is.EqualTo(200));
        Assert.That((patched["labels"]!.ToJsonString(), patched["settings"]!.ToJsonString(), Text(patched, "profile")), Is.EqualTo(("""["b","c"]""", """{"scale":2,"offset":1}""", "json")));
        Assert.That((unknown, type, renamed, gone, nobody, twice, (int)plain.StatusCode), Is.EqualTo((400, 400, 422, 422, 404, 400, 415)));
        Assert.That(problem["errors"]![0]!["pointer"]!.GetValue<string>(), Is.EqualTo("#/lables"));
    }

    [TestCase("limit=0", "limit")]
    [TestCase("limit=x", "limit")]
    [TestCase("limit=99999999999", "limit")]
    [TestCase("state=gone", "state")]
    [TestCase("state=0", "state")]
    [TestCase("after=a/b", "after")]
    [TestCase("seen_since=yesterday", "seen_since")]
    public async Task A_wrong_parameter_is_named(string query, string parameter)
    {
        using var response = await _gateway.Http.GetAsync(new Uri($"{Devices}?{query}", UriKind.Relative));
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

        Assert.That((int)response.StatusCode, Is.EqualTo(400));
        Assert.That(problem["errors"]![0]!["parameter"]!.GetValue<string>(), Is.EqualTo(parameter));
        Assert.That(problem.ToJsonString(), Does.Not.Contain("Nullable").And.Not.Contain("System."));
    }

    [Test]
    public async Task Every_error_is_a_problem_document()
    {
        using var nowhere = await _gateway.SendJsonAsync(HttpMethod.Get, "/api/v1/nowhere");
        using var method = await _gateway.SendJsonAsync(HttpMethod.Delete, Devices);
        using var media = await _gateway.Http.PostAsync(new Uri(Devices, UriKind.Relative), new StringContent("a", Encoding.UTF8, "text/plain"));
        using var host = await _gateway.SendJsonAsync(HttpMethod.Get, Devices, null, ("Host", "attacker.example"));
        using var large = await _gateway.SendJsonAsync(HttpMethod.Post, Devices, new { device_id = new string('a', 70_000) });

        foreach (var (response, status) in new[] { (nowhere, 404), (method, 405), (media, 415), (host, 400), (large, 413) })
        {
            Assert.That(((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType), Is.EqualTo((status, "application/problem+json")));
        }
    }

    [Test]
    public async Task The_reference_is_a_page_that_fetches_nothing_from_elsewhere()
    {
        var page = await _gateway.Http.GetStringAsync("/reference/");

        Assert.That(page, Does.Contain("<script").And.Contain("openapi"));
        Assert.That(page, Does.Not.Match("(src|href)=[\"']?(https?:)?//"));
    }

    private async Task<CoapCode> SpeakAsync(string device, string json) =>
        (await _gateway.SendAsync(CoapCode.Post, $"/devices/{device}/data", Encoding.UTF8.GetBytes(json))).Code;

    private async Task CreateAsync(string id, object device)
    {
        using var created = await _gateway.Http.PostAsJsonAsync(Devices, device);
        Assert.That((int)created.StatusCode, Is.EqualTo(201), $"{id}: {await created.Content.ReadAsStringAsync()}");
    }

    private async Task<(int Status, JsonNode Body)> PatchAsync(string id, string patch)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"{Devices}/{id}") { Content = new StringContent(patch, Encoding.UTF8, "application/merge-patch+json") };
        using var response = await _gateway.Http.SendAsync(request);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    private async Task<IReadOnlyList<JsonNode>> ItemsAsync(string query) =>
        [.. JsonNode.Parse(await _gateway.Http.GetStringAsync(Devices + query))!["items"]!.AsArray().Select(device => device!)];

    private async Task<IEnumerable<string>> IdsAsync(string prefix, string query) =>
        (await ItemsAsync($"?limit=1000&{query}")).Select(device => Text(device, "device_id")).Where(id => id.StartsWith(prefix, StringComparison.Ordinal));

    private async Task<IReadOnlyList<JsonNode>> ReadingsOfAsync(string prefix) => File.Exists(_gateway.Folder.PathOf("data/readings.ndjson"))
        ? [.. (await _gateway.ReadingsAsync(0)).Where(reading => Text(reading, "device_id").StartsWith(prefix, StringComparison.Ordinal))]
        : [];

    private static string Text(JsonNode node, string member) => node[member]?.GetValue<string>() ?? "";
}
