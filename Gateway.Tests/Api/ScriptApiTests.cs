using System.Text;
using System.Text.Json.Nodes;
using Gateway.Tests.Support;

namespace Gateway.Tests.Api;

/// <summary>Scripts over the management API: read, tried and written. One gateway for all; each test has scripts of its own.</summary>
internal sealed class ScriptApiTests
{
    private const string Scripts = "/api/v1/scripts";

    private const string Working = """
        IEnumerable<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config)
        {
            if (payload.Length != 1)
            {
                throw new InvalidPayloadException($"1 byte is expected, not {payload.Length}");
            }

            warn("seen");
            return [new Reading("T", payload[0])];
        }

        byte[]? format_command(Command command, DeviceConfig config) => command.CommandType is "set" ? [7] : null;
        """;

    private GatewayUnderTest _gateway = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _gateway = await GatewayUnderTest.StartAsync(sets: "scripts.allow_upload=true");

    [OneTimeTearDown]
    public async Task StopAsync() => await _gateway.DisposeAsync();

    [Test]
    public async Task A_text_is_compiled_without_going_live()
    {
        var (good, fine) = await SendAsync(HttpMethod.Post, "json.csx/validate", new { source = Working, vectors = "[]" });
        var (bad, wrong) = await SendAsync(HttpMethod.Post, "json.csx/validate", new { source = "int broken = ;" });
        var (empty, problem) = await SendAsync(HttpMethod.Post, "json.csx/validate", new { });
        var (outside, _) = await SendAsync(HttpMethod.Post, "..%2Fgateway.json/validate", new { source = Working });
        var (_, now) = await SendAsync(HttpMethod.Get, "json.csx");

        Assert.That((good, bad, empty, outside), Is.EqualTo((200, 200, 422, 404)));
        Assert.That((fine["valid"]!.GetValue<bool>(), wrong["valid"]!.GetValue<bool>()), Is.EqualTo((true, false)));
        Assert.That((wrong["problems"]![0]!["line"]!.GetValue<int>(), wrong["problems"]![0]!["code"]!.GetValue<string>()), Is.EqualTo((1, "CS1525")));
        Assert.That(problem["errors"]![0]!["pointer"]!.GetValue<string>(), Is.EqualTo("#/source"));
        Assert.That(now["live"]!["version"]!.GetValue<string>(), Is.Not.EqualTo(fine["version"]!.GetValue<string>()));
    }

    [Test]
    public async Task A_text_that_fails_the_vectors_beside_it_is_not_valid()
    {
        var (_, result) = await SendAsync(HttpMethod.Post, "json.csx/validate", new { source = Working });

        Assert.That((result["valid"]!.GetValue<bool>(), result["vectors_were_run"]!.GetValue<bool>()), Is.EqualTo((false, true)));
        Assert.That(result["problems"]![0]!["code"]!.GetValue<string>(), Is.EqualTo("GW0021"));
    }

    [Test]
    public async Task A_text_reads_a_payload_and_encodes_a_command_without_consequences()
    {
        var before = _gateway.Journal.LastSequence;
        var (read, readings) = await SendAsync(HttpMethod.Post, "new.csx/dry-run", new { source = Working, payload = "2a", device_id = "somebody" });
        var (_, invalid) = await SendAsync(HttpMethod.Post, "new.csx/dry-run", new { source = Working, payload = "" });
        var (_, bytes) = await SendAsync(HttpMethod.Post, "new.csx/dry-run", new { source = Working, command = new { command_type = "set" } });
        var (_, unknown) = await SendAsync(HttpMethod.Post, "new.csx/dry-run", new { source = Working, command = new { command_type = "dance" } });
        var (refused, broken) = await SendAsync(HttpMethod.Post, "new.csx/dry-run", new { source = "int broken = ;", payload = "" });

        Assert.That((read, refused), Is.EqualTo((200, 422)));
        Assert.That((readings["readings"]![0]!["values"]!.ToJsonString(), readings["device_id"]!.GetValue<string>(), readings["warnings"]!.ToJsonString()), Is.EqualTo(("[42]", "somebody", """["seen"]""")));
        Assert.That((invalid["failure"]!["kind"]!.GetValue<string>(), invalid["failure"]!["message"]!.GetValue<string>()), Is.EqualTo(("invalid_payload", "1 byte is expected, not 0")));
        Assert.That(bytes["bytes"]!.GetValue<string>(), Is.EqualTo("07"));
        Assert.That(unknown["failure"]!["message"]!.GetValue<string>(), Does.Contain("dance"));
        Assert.That(broken["problems"]![0]!["code"]!.GetValue<string>(), Is.EqualTo("CS1525"));
        Assert.That(_gateway.Journal.LastSequence, Is.EqualTo(before));
    }

    [Test]
    public async Task The_live_version_can_be_tried_on_real_frames()
    {
        var (_, result) = await SendAsync(HttpMethod.Post, "efento.csx/dry-run", new { payload = Frames.Efento });
        var (_, command) = await SendAsync(HttpMethod.Post, "efento.csx/dry-run", new { command = new { command_type = "config_update", payload = new { transmission_interval = 5 } } });

        Assert.That((result["device_id"]!.GetValue<string>(), result["readings"]!.AsArray().Count), Is.EqualTo(("282c02424eed", 4)));
        Assert.That(command["failure"]!["message"]!.GetValue<string>(), Does.Contain("transmission_interval"));
    }

    [TestCase("""{}""", "#/payload")]
    [TestCase("""{"payload": "0"}""", "#/payload")]
    [TestCase("""{"payload": "zz"}""", "#/payload")]
    [TestCase("""{"payload": "00", "command": {"command_type": "set"}}""", "#/payload")]
    [TestCase("""{"command": {}}""", "#/command/command_type")]
    [TestCase("""{"command": {"command_type": "set", "payload": [1]}}""", "#/command/payload")]
    [TestCase("""{"payload": "00", "device_id": "a/b"}""", "#/device_id")]
    [TestCase("""{"payload": "00", "content_format": 70000}""", "#/content_format")]
    public async Task What_is_to_be_tried_is_checked(string body, string pointer)
    {
        var (status, problem) = await SendAsync(HttpMethod.Post, "json.csx/dry-run", JsonNode.Parse(body));

        Assert.That((status, problem["errors"]![0]!["pointer"]!.GetValue<string>()), Is.EqualTo((422, pointer)));
    }

    [Test]
    public async Task A_script_is_written_by_whoever_has_seen_it()
    {
        var (created, tag, _) = await PutAsync("up.csx", Working, ("If-None-Match", "*"));
        var (blind, _, _) = await PutAsync("up.csx", Working);
        var (broken, _, problem) = await PutAsync("up.csx", "int broken = ;", ("If-Match", tag));
        var (changed, next, _) = await PutAsync("up.csx", Working.Replace("[7]", "[8]", StringComparison.Ordinal), ("If-Match", tag));
        var (stale, _, _) = await PutAsync("up.csx", Working, ("If-Match", tag));
        using var source = await _gateway.SendJsonAsync(HttpMethod.Get, $"{Scripts}/up.csx/source");
        using var before = await _gateway.SendJsonAsync(HttpMethod.Get, $"{Scripts}/up.csx/source?version={tag.Trim('"')}");
        using var nothing = await _gateway.SendJsonAsync(HttpMethod.Get, $"{Scripts}/up.csx/source?version=000000000000");

        Assert.That((created, blind, broken, changed, stale, (int)nothing.StatusCode), Is.EqualTo((201, 428, 422, 200, 412, 404)));
        Assert.That(problem["problems"]![0]!["code"]!.GetValue<string>(), Is.EqualTo("CS1525"));
        Assert.That((await source.Content.ReadAsStringAsync(), source.Headers.ETag!.ToString()), Is.EqualTo((Working.Replace("[7]", "[8]", StringComparison.Ordinal), next)));
        Assert.That(await before.Content.ReadAsStringAsync(), Is.EqualTo(Working));
        Assert.That(source.Content.Headers.ContentType!.MediaType, Is.EqualTo("text/plain"));
    }

    [Test]
    public async Task Profiles_and_routes_are_told_without_the_values_of_settings()
    {
        var profile = JsonNode.Parse(await _gateway.Http.GetStringAsync("/api/v1/profiles/efento"))!;
        var routes = JsonNode.Parse(await _gateway.Http.GetStringAsync("/api/v1/routes"))!.AsArray();
        using var unknown = await _gateway.SendJsonAsync(HttpMethod.Get, "/api/v1/profiles/efent");

        Assert.That((profile["script"]!.GetValue<string>(), profile["unknown_devices"]!.GetValue<string>()), Is.EqualTo(("efento.csx", "provision")));
        Assert.That(routes.Select(route => route!["path"]!.GetValue<string>()), Does.Contain("/m").And.Contain("/devices/{device_id}/data"));
        Assert.That((int)unknown.StatusCode, Is.EqualTo(404));
    }

    [Test]
    public async Task Without_leave_no_text_is_run_or_written()
    {
        await using var closed = await GatewayUnderTest.StartAsync();

        using var run = await closed.SendJsonAsync(HttpMethod.Post, $"{Scripts}/json.csx/dry-run", new { source = Working, payload = "00" });
        using var written = await closed.Http.PutAsync(new Uri($"{Scripts}/new.csx/source", UriKind.Relative), new StringContent(Working));
        using var validated = await closed.SendJsonAsync(HttpMethod.Post, $"{Scripts}/json.csx/validate", new { source = Working });
        var result = JsonNode.Parse(await validated.Content.ReadAsStringAsync())!;

        Assert.That(((int)run.StatusCode, (int)written.StatusCode, (int)validated.StatusCode), Is.EqualTo((403, 403, 200)));
        Assert.That((result["valid"]!.GetValue<bool>(), result["vectors_were_run"]!.GetValue<bool>()), Is.EqualTo((true, false)));
        Assert.That(File.Exists(closed.Folder.PathOf("scripts/new.csx")), Is.False);
    }

    private async Task<(int Status, JsonNode Body)> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var response = await _gateway.SendJsonAsync(method, $"{Scripts}/{path}", body);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    private async Task<(int Status, string Tag, JsonNode Body)> PutAsync(string name, string text, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"{Scripts}/{name}/source") { Content = new StringContent(text, Encoding.UTF8, "text/plain") };
        foreach (var (header, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(header, value);
        }

        using var response = await _gateway.Http.SendAsync(request);
        return ((int)response.StatusCode, response.Headers.ETag?.ToString() ?? "", JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }
}
