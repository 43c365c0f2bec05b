using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Coap;
using Gateway.Devices;
using Gateway.Journal;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.EndToEnd;

/// <summary>Versions, candidates and building scripts, as admins and devices see them.</summary>
internal sealed class ScriptLifecycleTests
{
    private const string Scripts = "/api/v1/scripts";

    [Test]
    public async Task A_bad_edit_can_be_rolled_back_over_the_API()
    {
        await using var gateway = await StartWithoutVectorsAsync();
        await SendAsync(gateway);
        Write(gateway, "json.csx", Giving("EDITED"));
        await gateway.LoggedAsync("json.csx: version", times: 2);

        var (status, script) = await CallAsync(gateway, HttpMethod.Post, $"{Scripts}/json.csx/rollback");
        await SendAsync(gateway);
        var readings = await gateway.ReadingsAsync(2);

        Assert.That(status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(readings[1]["index"]!.GetValue<string>(), Is.EqualTo("temperature"));
        Assert.That(script["problems"]![0]!["code"]!.GetValue<string>(), Is.EqualTo("GW0013"));
        Assert.That(script["earlier"]!.AsArray().Single()!["version"]!.GetValue<string>(), Is.EqualTo(script["file_version"]!.GetValue<string>()));
        Assert.That(await gateway.Http.GetStringAsync("/health"), Does.Contain("degraded").And.Contain("rolled back over the management API"));

        var (again, activated) = await CallAsync(gateway, HttpMethod.Post, $"{Scripts}/json.csx/versions/{script["file_version"]}/activate");
        Assert.That((again, activated["problems"]!.AsArray().Count), Is.EqualTo((HttpStatusCode.OK, 0)));
        Assert.That(activated["live"]!["version"]!.GetValue<string>(), Is.EqualTo(script["file_version"]!.GetValue<string>()));
    }

    [Test]
    public async Task A_candidate_is_tried_on_real_frames_reported_and_promoted()
    {
        await using var gateway = await StartWithoutVectorsAsync();
        await SendAsync(gateway);
        Write(gateway, "json.csx.next", Giving("NEXT"));
        await gateway.LoggedAsync("is tried on the frames of the live one");
        await SendAsync(gateway);

        JsonNode report = new JsonObject();
        await Eventually.HoldsAsync(
            async () => (report = (await CallAsync(gateway, HttpMethod.Get, $"{Scripts}/json.csx/candidate")).Body["report"]!)["frames"]!.GetValue<int>() == 1,
            "the candidate has read the frame");
        Assert.That((report["agree"]!.GetValue<int>(), report["differ"]!.GetValue<int>()), Is.EqualTo((0, 1)));
        Assert.That(report["examples"]![0]!["candidate"]!.GetValue<string>(), Does.Contain("\"index\":\"NEXT\""));
        Assert.That(report["candidate_time"]!["mean_microseconds"]!.GetValue<double>(), Is.Positive);

        var (promoted, script) = await CallAsync(gateway, HttpMethod.Post, $"{Scripts}/json.csx/candidate/promote");
        await SendAsync(gateway);
        var readings = await gateway.ReadingsAsync(3);

        Assert.That((promoted, script["candidate"]), Is.EqualTo((HttpStatusCode.OK, (JsonNode?)null)));
        Assert.That(readings.Select(reading => reading["index"]!.GetValue<string>()), Is.EqualTo(["temperature", "temperature", "NEXT"]), "what a candidate reads goes nowhere");
        Assert.That(File.Exists(gateway.Folder.PathOf("scripts/json.csx.next")), Is.False);
        Assert.That((await CallAsync(gateway, HttpMethod.Get, $"{Scripts}/json.csx/candidate")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task Candidates_are_taken_over_the_API_only_where_the_admin_allows_it()
    {
        await using var closed = await GatewayUnderTest.StartAsync();
        var (refused, why) = await CallAsync(closed, HttpMethod.Put, $"{Scripts}/json.csx/candidate", Giving("NEXT"));
        Assert.That((refused, why["detail"]!.GetValue<string>()), Is.EqualTo((HttpStatusCode.Forbidden,
            "this gateway takes no scripts over the management API: put the candidate into the scripts folder as json.csx.next, or set scripts.allow_upload in gateway.json")));
        Assert.That(File.Exists(closed.Folder.PathOf("scripts/json.csx.next")), Is.False);

        await using var open = await StartWithoutVectorsAsync("scripts.allow_upload=true");
        var (bad, problems) = await CallAsync(open, HttpMethod.Put, $"{Scripts}/json.csx/candidate", "int a = ;");
        var (good, candidate) = await CallAsync(open, HttpMethod.Put, $"{Scripts}/json.csx/candidate", Giving("NEXT"));
        var (unknown, _) = await CallAsync(open, HttpMethod.Put, $"{Scripts}/none.csx/candidate", Giving("NEXT"));
        var (outside, _) = await CallAsync(open, HttpMethod.Put, $"{Scripts}/..%2Fx.csx/candidate", Giving("NEXT"));

        Assert.That((bad, problems["problems"]![0]!["code"]!.GetValue<string>()), Is.EqualTo((HttpStatusCode.UnprocessableEntity, "CS1525")));
        Assert.That((good, candidate["problems"]!.AsArray().Count), Is.EqualTo((HttpStatusCode.OK, 0)));
        Assert.That((unknown, outside), Is.EqualTo((HttpStatusCode.NotFound, HttpStatusCode.NotFound)));
        Assert.That((await CallAsync(open, HttpMethod.Delete, $"{Scripts}/json.csx/candidate")).Status, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That(File.Exists(open.Folder.PathOf("scripts/json.csx.next")), Is.False);
    }

    [Test]
    public async Task Scripts_are_listed_with_what_is_wrong_with_them()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Log.Expect("broken.csx(1,");
        Write(gateway, "broken.csx", "int a = ;");
        await SendAsync(gateway);

        var (_, list) = await CallAsync(gateway, HttpMethod.Get, Scripts);
        var (_, json) = await CallAsync(gateway, HttpMethod.Get, $"{Scripts}/json.csx");
        var (none, _) = await CallAsync(gateway, HttpMethod.Get, $"{Scripts}/none.csx");
        var (conflict, why) = await CallAsync(gateway, HttpMethod.Post, $"{Scripts}/json.csx/rollback");

        Assert.That(list.AsArray().Select(script => script!["name"]!.GetValue<string>()), Is.SupersetOf(new[] { "broken.csx", "efento.csx", "json.csx" }));
        Assert.That(list[0]!["live"], Is.Null);
        Assert.That(list[0]!["problems"]![0]!.ToJsonString(), Is.EqualTo(
            """{"file":"scripts/broken.csx","line":1,"column":9,"code":"CS1525","message":"Invalid expression term \u0027;\u0027"}"""));
        Assert.That(list.AsArray().Single(script => script!["name"]!.GetValue<string>() == "efento.csx")!["live"]!["functions"]!.ToJsonString(), Is.EqualTo("""["identify","cloud_token","respond","confirm","format_commands","exchange_failed"]"""));
        Assert.That(json["live"]!["frames"]!.GetValue<int>(), Is.EqualTo(1));
        Assert.That((none, conflict, why["detail"]!.GetValue<string>()), Is.EqualTo((HttpStatusCode.NotFound, HttpStatusCode.Conflict, "script json.csx: there is no earlier version")));
    }

    [Test]
    public async Task A_device_whose_script_is_being_built_is_told_to_come_back_and_loses_nothing()
    {
        using var folder = new TempFolder();
        folder.Write("scripts/slow.csx", $"while (true) {{ }}\n{Giving("SLOW")}");

        // Its top-level code may take twenty times as long, and once more for the line: four seconds, of which a frame waits one.
        await using var gateway = await GatewayUnderTest.StartAsync(folder, null, "scripts.time_limit_milliseconds=100", "scripts.ready_timeout_seconds=1");
        foreach (var id in new[] { DeviceId.Parse("cellar"), DeviceId.Parse("attic") })
        {
            await gateway.Services.GetRequiredService<DeviceDirectory>().EditAsync(
                id, (_, now) => new Device { Id = id, ParserScriptRef = "slow.csx", CreatedAt = now, UpdatedAt = now }, CancellationToken.None);
        }

        gateway.Log.Expect("scripts/slow.csx(1,");

        using var device = new UdpDevice(gateway.CoapPort);
        var answers = await Task.WhenAll(SendAsync(gateway), AskNonAsync(device));
        var records = gateway.Journal.Read(0, 10);

        Assert.That(answers[0].Code, Is.EqualTo(CoapCode.ServiceUnavailable));
        Assert.That(UintOption.Read(answers[0].Options.Single(option => option.Number == OptionNumber.MaxAge).Value.Span), Is.EqualTo(10));
        Assert.That(answers[1].Code, Is.EqualTo(CoapCode.Created), "nobody would send a NON again");
        Assert.That(records.Select(record => (record.DeviceId, record.Outcome, record.Error)), Is.EqualTo(
            new[] { ("attic", FrameOutcome.ScriptUnavailable, "the device's script is not ready yet; send the frame again") }));
    }

    private static async Task<CoapMessage> AskNonAsync(UdpDevice device)
    {
        var path = "devices/attic/data".Split('/').Select(segment => new CoapOption(OptionNumber.UriPath, Encoding.UTF8.GetBytes(segment)));
        var answer = await device.AskAsync(CoapCodec.Encode(new CoapMessage(MessageType.NonConfirmable, CoapCode.Post, new MessageId(7))
        {
            Token = Token.From([7]),
            Options = [.. path],
            Payload = new byte[] { 1 },
        }));
        Assert.That(CoapCodec.TryDecode(answer, out var message, out _));
        return message!;
    }

    private static Task<CoapMessage> SendAsync(GatewayUnderTest gateway) => gateway.SendAsync(CoapCode.Post, "/devices/cellar/data", """{"temperature": 1}"""u8.ToArray());

    private static async Task<(HttpStatusCode Status, JsonNode Body)> CallAsync(GatewayUnderTest gateway, HttpMethod method, string path, string? text = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = text is null ? null : new StringContent(text, Encoding.UTF8, "text/plain") };
        using var response = await gateway.Http.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, body.Length == 0 ? new JsonObject() : JsonNode.Parse(body)!);
    }

    // The scripts here read otherwise than the vectors say.
    private static async Task<GatewayUnderTest> StartWithoutVectorsAsync(params string[] sets)
    {
        var gateway = await GatewayUnderTest.StartAsync(sets: sets);
        File.Delete(gateway.Folder.PathOf("scripts/json.vectors.json"));
        return gateway;
    }

    private static string Giving(string index) => $$"""
        List<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config) => [new Reading("{{index}}", payload.Length)];
        byte[]? format_command(Command command, DeviceConfig config) => null;
        """;

    private static void Write(GatewayUnderTest gateway, string file, string text) => File.WriteAllText(gateway.Folder.PathOf($"scripts/{file}"), text);
}
