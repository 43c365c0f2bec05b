using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Coap;
using Gateway.Tests.Support;

namespace Gateway.Tests.Api;

/// <summary>What the management API takes and refuses; all of them ask one gateway, each about devices of its own.</summary>
internal sealed class ManagementApiTests
{
    private const string Commands = "/api/v1/commands";
    private const string Devices = "/api/v1/devices";

    private GatewayUnderTest _gateway = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _gateway = await GatewayUnderTest.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await _gateway.DisposeAsync();

    [Test]
    public async Task A_device_can_be_made_read_changed_and_deleted()
    {
        var (created, device) = await PostAsync(Devices, """{"device_id": "made", "parser_script_ref": "json.csx", "labels": ["cold"], "settings": {"scale": 2}}""");
        var (found, again) = await GetAsync($"{Devices}/made");
        using var put = await _gateway.SendJsonAsync(HttpMethod.Put, $"{Devices}/made", new { profile = "json", metadata = new { room = "1" } }, ("If-Match", "*"));
        var (_, changed) = await GetAsync($"{Devices}/made");
        using var deleted = await _gateway.Http.DeleteAsync($"{Devices}/made");
        var (gone, _) = await GetAsync($"{Devices}/made");

        Assert.That((created, found, put.StatusCode, deleted.StatusCode, gone), Is.EqualTo(
            (HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.NoContent, HttpStatusCode.NotFound)));
        Assert.That(again!.ToJsonString(), Is.EqualTo(device!.ToJsonString()));
        Assert.That(changed!["profile"]!.GetValue<string>(), Is.EqualTo("json"));
        Assert.That(changed["parser_script_ref"], Is.Null, "PUT replaces the whole");
        Assert.That(changed["created_at"]!.ToJsonString(), Is.EqualTo(device["created_at"]!.ToJsonString()));
    }

    [Test]
    public async Task A_devices_own_configuration_reaches_its_readings()
    {
        await PostAsync(Devices, """{"device_id": "configured", "parser_script_ref": "json.csx", "labels": ["cold"], "metadata": {"room": "1"}}""");

        await _gateway.SendAsync(CoapCode.Post, "/devices/configured/data", """{"temperature": 7.5}"""u8.ToArray());
        var readings = await _gateway.ReadingsOfAsync("configured", 1);

        Assert.That(readings[0]["label"]!.ToJsonString(), Is.EqualTo("""["cold"]"""));
        Assert.That(readings[0]["metadata"]!["room"]!.GetValue<string>(), Is.EqualTo("1"));
    }

    [Test]
    public async Task Devices_are_listed_a_page_at_a_time()
    {
        foreach (var id in new[] { "list-c", "list-a", "list-b" })
        {
            await PostAsync(Devices, $$"""{"device_id": "{{id}}", "profile": "json", "labels": ["listed"]}""");
        }

        var (_, first) = await GetAsync($"{Devices}?label=listed&limit=2");
        var (_, second) = await GetAsync($"{Devices}?label=listed&limit=2&after={first!["next"]}");

        Assert.That(Ids(first), Is.EqualTo(new[] { "list-a", "list-b" }));
        Assert.That(Ids(second!), Is.EqualTo(new[] { "list-c" }));
        Assert.That(second!["next"], Is.Null);

        static IEnumerable<string> Ids(JsonNode page) => page["items"]!.AsArray().Select(device => device!["device_id"]!.GetValue<string>());
    }

    [TestCase("{", "$, line 1", TestName = "A_body_is_refused(cut off)")]
    [TestCase("""{"device_id": "a", "prefile": "json"}""", "$.prefile", TestName = "A_body_is_refused(unknown member)")]
    [TestCase("""{"device_id": 7}""", "$.device_id", TestName = "A_body_is_refused(wrong type)")]
    [TestCase("""{"device_id": "a", "device_id": "b"}""", "twice", TestName = "A_body_is_refused(duplicate member)")]
    [TestCase("null", "", TestName = "A_body_is_refused(null)")]
    [TestCase("", "", TestName = "A_body_is_refused(empty)")]
    public async Task A_body_is_refused(string body, string place)
    {
        var (status, problem) = await PostAsync(Devices, body);

        Assert.That(status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(problem!["detail"]!.GetValue<string>(), Does.Contain(place).And.Not.Contain("System.").And.Not.Contain("Gateway."));
    }

    [Test]
    public async Task All_that_is_wrong_with_a_device_is_told_at_once()
    {
        _gateway.Log.Expect("missing.csx");
        var (status, problem) = await PostAsync(Devices, """{"device_id": "no/slash", "profile": "efent", "parser_script_ref": "missing.csx"}""");

        Assert.That(status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        Assert.That(
            problem!["errors"]!.AsArray().Select(error => error!["pointer"]!.GetValue<string>()),
            Is.EqualTo(new[] { "#/device_id", "#/profile", "#/parser_script_ref" }));
    }

    [TestCase(Devices, """{"device_id": "a", "profile": "json", "labels": [null]}""", "#/labels")]
    [TestCase(Devices, """{"device_id": "a", "profile": "json", "metadata": {"room": null}}""", "#/metadata")]
    [TestCase(Commands, """{"device_id": "a", "command_type": "set", "metadata": {"who": null}}""", "#/metadata")]
    [TestCase(Commands, """{"device_id": "a", "command_type": "set", "payload": [1]}""", "#/payload")]
    [TestCase(Commands, """{"device_id": "a", "command_type": "set", "expires_at": "2001-01-01T00:00:00Z"}""", "#/expires_at")]
    [TestCase(Commands, """{"device_id": "a", "command_type": " "}""", "#/command_type")]
    [TestCase(Commands, """{"device_id": "a", "command_type": "set", "request_id": "a/b"}""", "#/request_id")]
    public async Task What_a_body_says_is_checked(string path, string body, string pointer)
    {
        var (status, problem) = await PostAsync(path, body);

        Assert.That(status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        Assert.That(problem!["errors"]!.AsArray().Select(error => error!["pointer"]!.GetValue<string>()), Is.EqualTo(new[] { pointer }));
    }

    [Test]
    public async Task A_device_is_not_made_twice()
    {
        await PostAsync(Devices, """{"device_id": "twin", "profile": "json"}""");

        var (status, problem) = await PostAsync(Devices, """{"device_id": "twin", "profile": "json"}""");

        Assert.That(status, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(problem!["detail"]!.GetValue<string>(), Does.Contain("PUT"));
    }

    [Test]
    public async Task The_script_says_what_is_wrong_with_a_command()
    {
        await PostAsync(Devices, """{"device_id": "282c02424eed", "profile": "efento"}""");

        var (status, problem) = await PostAsync(Commands, """{"device_id": "282c02424eed", "command_type": "config_update", "payload": {"transmission_interval": 5}}""");
        var (unknown, unknownProblem) = await PostAsync(Commands, """{"device_id": "282c02424eed", "command_type": "dance"}""");

        Assert.That((status, unknown), Is.EqualTo((HttpStatusCode.UnprocessableEntity, HttpStatusCode.UnprocessableEntity)));
        Assert.That(problem!["detail"]!.GetValue<string>(), Does.Contain("transmission_interval").And.Contain("60").And.Contain("604800"));
        Assert.That(unknownProblem!["detail"]!.GetValue<string>(), Does.Contain("dance").And.Contain("efento.csx"));
    }

    [Test]
    public async Task A_command_for_an_unknown_device_is_refused()
    {
        var (status, problem) = await PostAsync(Commands, """{"device_id": "nobody", "command_type": "set"}""");

        Assert.That(status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        Assert.That(problem!["errors"]![0]!["pointer"]!.GetValue<string>(), Is.EqualTo("#/device_id"));
    }

    [Test]
    public async Task A_request_id_stands_for_one_command()
    {
        await PostAsync(Devices, """{"device_id": "asked", "profile": "json"}""");
        const string Body = """{"request_id": "asked-1", "device_id": "asked", "command_type": "set", "payload": {"on": true}}""";

        var (first, _) = await PostAsync(Commands, Body);
        var (same, _) = await PostAsync(Commands, Body);
        var (other, _) = await PostAsync(Commands, Body.Replace("true", "false", StringComparison.Ordinal));
        var (_, listed) = await GetAsync($"{Devices}/asked/commands");

        Assert.That((first, same, other), Is.EqualTo((HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Conflict)));
        Assert.That(listed!.AsArray(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_command_can_be_taken_back_until_it_is_sent()
    {
        await PostAsync(Devices, """{"device_id": "hasty", "profile": "json"}""");
        await PostAsync(Commands, """{"request_id": "hasty-1", "device_id": "hasty", "command_type": "set", "payload": {"on": true}}""");
        await PostAsync(Commands, """{"request_id": "hasty-2", "device_id": "hasty", "command_type": "set", "payload": {"on": false}}""");

        using var cancelled = await _gateway.Http.DeleteAsync($"{Commands}/hasty-1");
        var answer = await _gateway.SendAsync(CoapCode.Post, "/devices/hasty/data", "{\"t\": 1}"u8.ToArray());
        using var tooLate = await _gateway.Http.DeleteAsync($"{Commands}/hasty-2");
        using var unknown = await _gateway.Http.DeleteAsync($"{Commands}/hasty-3");

        Assert.That((cancelled.StatusCode, tooLate.StatusCode, unknown.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.NotFound)));
        Assert.That(Encoding.UTF8.GetString(answer.Payload.Span), Does.Contain("false"));
    }

    [Test]
    public async Task A_batch_is_judged_one_by_one()
    {
        await PostAsync(Devices, """{"device_id": "batched", "profile": "json"}""");

        var (status, result) = await PostAsync($"{Commands}/batch", """[{"device_id": "batched", "command_type": "set", "payload": {"on": true}}, {"device_id": "nobody", "command_type": "set"}]""");
        var (none, _) = await PostAsync($"{Commands}/batch", "[]");
        var (_, empty) = await PostAsync($"{Commands}/batch", "[null]");

        Assert.That((status, none), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.BadRequest)));
        Assert.That(empty!["results"]![0]!["status"]!.GetValue<int>(), Is.EqualTo(400), "as if it had come alone");
        Assert.That(result!["accepted"]!.GetValue<int>(), Is.EqualTo(1));
        Assert.That(result["results"]!.AsArray().Select(entry => entry!["status"]!.GetValue<int>()), Is.EqualTo(new[] { 201, 422 }));
    }

    [Test]
    public async Task A_scripts_commands_are_listed_with_their_schemas()
    {
        _gateway.Log.Expect("no-such.csx");
        var (found, commands) = await GetAsync("/api/v1/scripts/efento.csx/commands");
        var (missing, problem) = await GetAsync("/api/v1/scripts/no-such.csx/commands");
        var (outside, _) = await GetAsync("/api/v1/scripts/..%2Fgateway.json/commands");

        Assert.That((found, missing, outside), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.NotFound)));
        Assert.That(commands!.AsArray().Select(command => command!["command_type"]!.GetValue<string>()), Is.SupersetOf(new[] { "config_update", "time_sync" }));
        Assert.That(commands[0]!["schema"]!["properties"]!["transmission_interval"]!.ToJsonString(), Is.EqualTo("""{"type":"integer","minimum":60,"maximum":604800}"""));
        Assert.That(commands[0]!["example"]!["ack_interval"]!.GetValue<string>(), Is.EqualTo("always"));
        Assert.That(problem!["detail"]!.GetValue<string>(), Does.Contain("no-such.csx"));
    }

    [Test]
    public async Task A_script_that_never_worked_has_no_commands_to_list()
    {
        _gateway.Log.Expect("broken.csx");
        _gateway.Folder.Write("scripts/broken.csx", "int broken = ;");

        var (status, problem) = await GetAsync("/api/v1/scripts/broken.csx/commands");

        Assert.That(status, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(problem!["detail"]!.GetValue<string>(), Does.Contain("broken.csx(1,14): error CS1525"));
    }

    [Test]
    public async Task A_command_that_does_not_fit_its_schema_is_refused_with_all_that_is_wrong()
    {
        await PostAsync(Devices, """{"device_id": "282c02424eed", "profile": "efento"}""");

        var (status, problem) = await PostAsync(
            Commands, """{"device_id": "282c02424eed", "command_type": "config_update", "payload": {"transmission_interval": 5, "colour": "red"}}""");

        Assert.That(status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        Assert.That(problem!["detail"]!.GetValue<string>(), Does.Contain("/payload/transmission_interval must be from 60 to 604800").And.Contain("/payload/colour is not known"));
    }

    [Test]
    public async Task Another_host_name_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Devices) { Headers = { Host = "attacker.example" } };

        using var response = await _gateway.Http.SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Health_is_told_check_by_check()
    {
        // Its own: in that of the others are scripts that are broken.
        await using var gateway = await GatewayUnderTest.StartAsync();

        var (status, health) = await GetAsync("/health", gateway);

        Assert.That(status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(health!.ToJsonString(), Is.EqualTo(
            """{"status":"healthy","checks":{"configuration":{"status":"healthy"},"coap":{"status":"healthy"},"journal":{"status":"healthy"},"scripts":{"status":"healthy"},"sinks":{"status":"healthy"},"intake":{"status":"healthy"},"store":{"status":"healthy"},"audit":{"status":"healthy"}}}"""));
    }

    private async Task<(HttpStatusCode Status, JsonNode? Body)> PostAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _gateway.Http.PostAsync(new Uri(path, UriKind.Relative), content);
        return (response.StatusCode, await BodyAsync(response));
    }

    private async Task<(HttpStatusCode Status, JsonNode? Body)> GetAsync(string path, GatewayUnderTest? gateway = null)
    {
        using var response = await (gateway ?? _gateway).Http.GetAsync(new Uri(path, UriKind.Relative));
        return (response.StatusCode, await BodyAsync(response));
    }

    private static async Task<JsonNode?> BodyAsync(HttpResponseMessage response) =>
        await response.Content.ReadAsStringAsync() is { Length: > 0 } text ? JsonNode.Parse(text) : null;
}
