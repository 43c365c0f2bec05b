using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Coap;
using Gateway.Tests.Support;

namespace Gateway.Tests.Api;

/// <summary>Many commands at once, commands for many devices, and what is told of them: over HTTP, with devices on the wire.</summary>
internal sealed class FleetApiTests
{
    private const string Runs = "/api/v1/command-runs";
    private const string Batch = "/api/v1/commands/batch";

    private GatewayUnderTest _gateway = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _gateway = await GatewayUnderTest.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await _gateway.DisposeAsync();

    [Test]
    public async Task A_batch_comes_as_an_array_or_in_lines_and_may_be_large()
    {
        await AddDeviceAsync("batch");
        var large = $$$"""{"device_id": "batch", "command_type": "set", "payload": {"on": true, "text": "{{{new string('x', 60_000)}}}"}}""";

        var (status, array) = await PostAsync(Batch, $"[{string.Join(',', Enumerable.Repeat(large, 40))}]");
        Assert.That((status, Statuses(array)), Is.EqualTo((HttpStatusCode.OK, string.Join(' ', Enumerable.Repeat("201", 40)))), "2.4 MB");

        var (_, lines) = await PostAsync(Batch, """
            {"request_id": "line-1", "device_id": "batch", "command_type": "set", "payload": {"on": true}}
            {"request_id": "line-2", "device_id":
            {"request_id": "line-1", "device_id": "batch", "command_type": "set", "payload": {"on": true}}
            """, "application/x-ndjson");
        Assert.That(Statuses(lines), Is.EqualTo("201 400 200"));
        Assert.That(lines["results"]!.AsArray().Select(entry => entry!["request_id"]?.GetValue<string>()), Is.EqualTo(new[] { "line-1", null, "line-1" }));
        Assert.That((lines["accepted"]!.GetValue<int>(), lines["refused"]!.GetValue<int>()), Is.EqualTo((2, 1)));

        var (_, alone) = await PostAsync("/api/v1/commands", """{"device_id": "batch", "typ": 1}""");
        var (_, inBatch) = await PostAsync(Batch, """[{"device_id": "batch", "typ": 1}]""");
        Assert.That(inBatch["results"]![0]!["detail"]!.GetValue<string>(), Is.EqualTo(alone["detail"]!.GetValue<string>()), "the same words");
    }

    [TestCase("[{\"device_id\": \"x\"}", "application/json", 400, "none of the commands was queued", TestName = "A_batch_is_refused(cut off)")]
    [TestCase("{}", "application/json", 400, "a JSON array of commands", TestName = "A_batch_is_refused(no array)")]
    [TestCase("", "application/x-ndjson", 400, "1 to 10000", TestName = "A_batch_is_refused(no lines)")]
    public async Task A_batch_is_refused(string body, string type, int expected, string words)
    {
        var (status, problem) = await PostAsync(Batch, body, type);

        Assert.That((int)status, Is.EqualTo(expected));
        Assert.That(problem["detail"]!.GetValue<string>(), Does.Contain(words));
    }

    [Test]
    public async Task A_batch_has_a_size_that_it_may_not_exceed()
    {
        var many = string.Join('\n', Enumerable.Repeat("{}", 10_001));
        var (tooMany, problem) = await PostAsync(Batch, many, "application/x-ndjson");
        var (tooLong, _) = await PostAsync(Batch, new string(' ', (16 * 1024 * 1024) + 1), "application/x-ndjson");
        var (single, _) = await PostAsync("/api/v1/commands", new string(' ', (1024 * 1024) + 1));

        Assert.That((tooMany, tooLong, single), Is.EqualTo((HttpStatusCode.BadRequest, HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.RequestEntityTooLarge)));
        Assert.That(problem["detail"]!.GetValue<string>(), Does.Contain("not 10001"));
    }

    [Test]
    public async Task A_run_reaches_the_devices_and_tells_how_far_it_is()
    {
        for (var i = 0; i < 3; i++)
        {
            await AddDeviceAsync($"run{i}", "fleet");
        }

        var (status, begun) = await PostAsync(Runs, """
            {"run_id": "spring", "label": "fleet", "command": {"command_type": "set", "payload": {"on": true}}, "commands_per_second": 1000}
            """);
        Assert.That(status, Is.EqualTo(HttpStatusCode.Created));
        Assert.That((begun["state"]!.GetValue<string>(), begun["command"]!["payload"]!.ToJsonString()), Is.EqualTo(("running", """{"on":true}""")));
        await Eventually.HoldsAsync(async () => (await RunAsync("spring"))["queued"]!.GetValue<int>() == 3, "three commands are queued");

        var answer = await _gateway.SendAsync(CoapCode.Post, "/devices/run1/data", "{}"u8.ToArray());
        var listed = JsonNode.Parse(await _gateway.Http.GetStringAsync("/api/v1/commands?run_id=spring&state=sent"))!;
        Assert.That(answer.Payload.IsEmpty, Is.False);
        Assert.That(listed["items"]!.AsArray().Select(item => (item!["request_id"]!.GetValue<string>(), item["run_id"]!.GetValue<string>())), Is.EqualTo(new[] { ("spring:run1", "spring") }));

        var paused = await ActAsync("spring/pause", HttpMethod.Post);
        var held = await _gateway.SendAsync(CoapCode.Post, "/devices/run0/data", "{}"u8.ToArray());
        var resumed = await ActAsync("spring/resume", HttpMethod.Post);
        var cancelled = await ActAsync("spring", HttpMethod.Delete);
        Assert.That((paused, resumed, cancelled), Is.EqualTo(("200 paused", "200 running", "200 cancelling")));
        Assert.That(held.Payload.IsEmpty);
        await _gateway.SendAsync(CoapCode.Post, "/devices/run1/data", "{}"u8.ToArray());
        await Eventually.HoldsAsync(async () => (await RunAsync("spring"))["state"]!.GetValue<string>() == "cancelled", "the run has ended");

        var ended = await RunAsync("spring");
        Assert.That(
            (ended["total"]!.GetValue<int>(), ended["remaining"]!.GetValue<int>(), ended["delivered"]!.GetValue<int>(), ended["cancelled"]!.GetValue<int>()), Is.EqualTo((3, 0, 1, 2)));
        Assert.That((await ActAsync("spring/pause", HttpMethod.Post), await ActAsync("none", HttpMethod.Delete)), Is.EqualTo(("409 ", "404 ")));
        Assert.That(JsonNode.Parse(await _gateway.Http.GetStringAsync(Runs))!.AsArray().Select(run => run!["run_id"]!.GetValue<string>()), Does.Contain("spring"));
        var (invalid, problem) = await PostAsync(Runs, """{"profile": "none", "command": {"command_type": "set"}}""");
        Assert.That((invalid, problem["errors"]![0]!["pointer"]!.GetValue<string>()), Is.EqualTo((HttpStatusCode.UnprocessableEntity, "#/profile")));
    }

    [Test]
    public async Task A_device_is_explained()
    {
        await AddDeviceAsync("why");
        await _gateway.SendAsync(CoapCode.Post, "/devices/why/data", """{"temperature": 7.5}"""u8.ToArray());
        await _gateway.QueueAsync(new { request_id = "why-1", device_id = "why", command_type = "set", payload = new { on = true } });
        await _gateway.SendAsync(CoapCode.Post, "/devices/why/data", "no JSON"u8.ToArray());

        var waiting = JsonNode.Parse(await _gateway.Http.GetStringAsync("/api/v1/commands/why-1"))!["outlook"]!;
        Assert.That(waiting["because"]!.AsArray().Select(sentence => sentence!.GetValue<string>()), Has.Some.Contain("did not fetch it: the answer was an error (4.00)"));

        await _gateway.SendAsync(CoapCode.Post, "/devices/why/data", """{"temperature": 8}"""u8.ToArray());
        var explained = JsonNode.Parse(await _gateway.Http.GetStringAsync("/api/v1/devices/why/explain"))!;

        Assert.That(
            explained["exchanges"]!.AsArray().Select(exchange => string.Join(
                ' ', exchange!["method"], exchange["path"], exchange["confirmable"], exchange["outcome"], exchange["readings"], exchange["answer"], exchange["commands"], exchange["explanation"])),
            Is.EqualTo(new[]
            {
                "POST /devices/why/data true parsed 1 2.01 carried the answer carried why-1",
                "POST /devices/why/data true invalid_payload 0 4.00 refused the answer was an error (4.00), which is no place for a command",
                "POST /devices/why/data true parsed 1 2.01 none_waiting no command waited",
            }));
        Assert.That(explained["exchanges"]![1]!["problem"]!.GetValue<string>(), Is.Not.Empty);
        Assert.That((explained["rhythm"]!["messages"]!.GetValue<int>(), explained["rhythm"]!["confirmables"]!.GetValue<int>()), Is.EqualTo((3, 3)));
        Assert.That(explained["commands"]![0]!["outlook"]!["because"]![0]!.GetValue<string>(), Does.StartWith("it was sent at").And.EndWith("attempt 1 of 5"));

        var metrics = await _gateway.Http.GetStringAsync("/metrics");
        Assert.That(metrics, Does.Contain("gateway_command_submissions_total"));
    }

    [Test]
    public async Task An_Efento_sensor_says_itself_when_it_speaks_again()
    {
        await _gateway.PostAsync("/m", Frames.Efento);

        var explained = JsonNode.Parse(await _gateway.Http.GetStringAsync($"/api/v1/devices/{Frames.EfentoDevice}/explain"))!;

        var next = explained["rhythm"]!["next_transmission_at"]!.GetValue<DateTimeOffset>();
        var reading = (await _gateway.ReadingsAsync(4)).First(reading => reading["device_id"]!.GetValue<string>() == Frames.EfentoDevice);
        Assert.That(next, Is.EqualTo(DateTimeOffset.Parse(reading["metadata"]!["next_transmission_at"]!.GetValue<string>(), CultureInfo.InvariantCulture)));
    }

    [Test]
    public async Task Of_a_device_that_nobody_knows_there_is_nothing_to_explain()
    {
        using var unknown = await _gateway.Http.GetAsync("/api/v1/devices/nobody/explain");

        Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    private static string Statuses(JsonNode result) => string.Join(' ', result["results"]!.AsArray().Select(entry => entry!["status"]!.ToJsonString()));

    private async Task<JsonNode> RunAsync(string id) => JsonNode.Parse(await _gateway.Http.GetStringAsync($"{Runs}/{id}"))!;

    private async Task AddDeviceAsync(string id, string label = "alone")
    {
        var (status, body) = await PostAsync("/api/v1/devices", $$"""{"device_id": "{{id}}", "profile": "json", "labels": ["{{label}}"]}""");
        Assert.That(status, Is.EqualTo(HttpStatusCode.Created), body.ToJsonString());
    }

    private async Task<string> ActAsync(string path, HttpMethod method)
    {
        using var request = new HttpRequestMessage(method, $"{Runs}/{path}");
        using var response = await _gateway.Http.SendAsync(request);
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        return $"{(int)response.StatusCode} {body["state"]}";
    }

    private async Task<(HttpStatusCode Status, JsonNode Body)> PostAsync(string path, string body, string type = "application/json")
    {
        using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(type));
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };

        // A body that is too long is refused before it is sent, and not while.
        request.Headers.ExpectContinue = body.Length > 1024 * 1024;
        using var response = await _gateway.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!);
    }
}
