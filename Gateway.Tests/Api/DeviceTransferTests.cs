using System.Text;
using System.Text.Json.Nodes;
using Gateway.Tests.Support;

namespace Gateway.Tests.Api;

/// <summary>Devices in bulk: in as NDJSON and CSV with a result for each line, and out again.</summary>
internal sealed class DeviceTransferTests
{
    private GatewayUnderTest _gateway = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _gateway = await GatewayUnderTest.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await _gateway.DisposeAsync();

    [Test]
    public async Task Each_line_of_ndjson_has_a_result()
    {
        var lines = await ImportAsync("application/x-ndjson", """
            {"device_id": "n-1", "profile": "json"}

            {"device_id": "n-2"}
            {"device_id": "n/3", "profile": "json"}
            {"device_id": "n-1", "profile": "json", "labels": ["twice"]}
            not json
            {"device_id": "n-4", "profile": "json", "lables": []}
            null
            {"device_id": "n-5", "profile": "json", "labels": ["last"]}
            """);

        Assert.That(lines.Select(line => (line["line"]?.GetValue<int>() ?? 0, line["status"]?.GetValue<int>() ?? 0, Pointer(line))), Is.EqualTo(new[]
        {
            (1, 201, ""), (3, 422, "#/parser_script_ref"), (4, 422, "#/device_id"), (5, 409, "#/device_id"), (6, 400, "#"), (7, 400, "#/lables"), (8, 400, "#"), (9, 201, ""), (0, 0, ""),
        }));
        Assert.That(lines[^1].ToJsonString(), Is.EqualTo("""{"created":2,"replaced":0,"skipped":0,"failed":6}"""));
    }

    [Test]
    public async Task What_is_there_can_be_replaced_or_skipped()
    {
        await ImportAsync("application/x-ndjson", """{"device_id": "r-1", "profile": "json"}""");

        var skipped = await ImportAsync("application/x-ndjson", """{"device_id": "r-1", "profile": "efento"}""", "?on_existing=skip");
        var replaced = await ImportAsync("application/x-ndjson", """{"device_id": "r-1", "profile": "efento"}""", "?on_existing=replace");
        var quiet = await ImportAsync("application/x-ndjson", """{"device_id": "r-1", "profile": "efento"}""", "?on_existing=skip&failures_only=true");

        Assert.That((skipped[0]["status"]!.GetValue<int>(), replaced[0]["status"]!.GetValue<int>(), quiet.Count), Is.EqualTo((304, 200, 1)));
        Assert.That((await DeviceAsync("r-1"))["profile"]!.GetValue<string>(), Is.EqualTo("efento"));
    }

    [Test]
    public async Task Each_line_of_csv_has_a_result()
    {
        var lines = await ImportAsync("text/csv", """"
            device_id,profile,labels,settings.scale,metadata.room
            c-1,json,cold;dark,2,"Cellar, ""left"""
            c-2,json,"[""a;b""]",two,
            c-3,nothing,,,
            c-4,json
            c-5,json,[1,,
            c-6,json,"[1]",,

            c-7,json,,,
            """");
        var (first, second) = (await DeviceAsync("c-1"), await DeviceAsync("c-2"));

        Assert.That(lines.Select(line => (line["line"]?.GetValue<int>() ?? 0, line["status"]?.GetValue<int>() ?? 0, Pointer(line))), Is.EqualTo(new[]
        {
            (2, 201, ""), (3, 201, ""), (4, 422, "#/profile"), (5, 400, "#"), (6, 400, "#/labels"), (7, 400, "#/labels/0"), (9, 201, ""), (0, 0, ""),
        }));
        Assert.That(first["labels"]!.ToJsonString() + first["settings"]!.ToJsonString() + first["metadata"]!.ToJsonString(), Is.EqualTo("""["cold","dark"]{"scale":2}{"room":"Cellar, \u0022left\u0022"}"""));
        Assert.That(second["labels"]!.ToJsonString() + second["settings"]!.ToJsonString(), Is.EqualTo("""["a;b"]{"scale":"two"}"""));
    }

    [TestCase("", "empty", TestName = "A_header_is_checked(empty)")]
    [TestCase("device_id,prefile\na,b", "prefile", TestName = "A_header_is_checked(unknown)")]
    [TestCase("profile\njson", "device_id", TestName = "A_header_is_checked(no id)")]
    [TestCase("device_id,device_id\na,b", "twice", TestName = "A_header_is_checked(twice)")]
    public async Task A_header_is_checked(string csv, string detail)
    {
        using var response = await PostAsync("text/csv", csv);

        Assert.That((int)response.StatusCode, Is.EqualTo(400));
        Assert.That(JsonNode.Parse(await response.Content.ReadAsStringAsync())!["detail"]!.GetValue<string>(), Does.Contain(detail));
    }

    [Test]
    public async Task A_line_that_never_ends_is_refused_without_being_kept_in_memory()
    {
        var endless = new string('x', 3_000_000);

        var ndjson = await ImportAsync("application/x-ndjson", $$"""{"device_id": "{{endless}}"}""" + "\n" + """{"device_id": "e-1", "profile": "json"}""");
        var csv = await ImportAsync("text/csv", $"device_id,profile\ne-2,json\n\"e-3,{endless}\ne-4,json\n");

        Assert.That(ndjson.Select(line => line["status"]?.GetValue<int>() ?? 0), Is.EqualTo(new[] { 400, 201, 0 }));
        Assert.That(csv.Select(line => line["status"]?.GetValue<int>() ?? 0), Is.EqualTo(new[] { 201, 400, 0 }), "what is behind an open quotation mark is not guessed at");
    }

    [TestCase("ndjson", "application/x-ndjson")]
    [TestCase("csv", "text/csv")]
    public async Task What_is_exported_can_be_imported(string format, string type)
    {
        var prefix = $"x{format}";
        await ImportAsync("application/x-ndjson", string.Join('\n', Enumerable.Range(0, 1200).Select(number =>
            $$$"""{"device_id": "{{{prefix}}}-{{{number:0000}}}", "profile": "json", "labels": ["{{{prefix}}}", "a,\"b\""], "settings": {"n": {{{number}}}}, "metadata": {"größe": "1;2"}}""")));

        var exported = await _gateway.Http.GetStringAsync($"/api/v1/export/devices?format={format}&label={prefix}");
        var device = await DeviceAsync($"{prefix}-0777");
        var again = await ImportAsync(type, exported, "?on_existing=replace");

        Assert.That(again[^1].ToJsonString(), Is.EqualTo("""{"created":0,"replaced":1200,"skipped":0,"failed":0}"""));
        Assert.That((await DeviceAsync($"{prefix}-0777")).ToJsonString(), Is.EqualTo(Since(device, (await DeviceAsync($"{prefix}-0777"))["updated_at"]!)));
    }

    [Test]
    public async Task Another_type_of_body_is_refused()
    {
        using var response = await PostAsync("application/json", "[]");

        Assert.That((int)response.StatusCode, Is.EqualTo(415));
    }

    private async Task<IReadOnlyList<JsonNode>> ImportAsync(string type, string body, string query = "")
    {
        using var response = await PostAsync(type, body, query);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType), Is.EqualTo((200, "application/x-ndjson")), text);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }

    private async Task<HttpResponseMessage> PostAsync(string type, string body, string query = "")
    {
        using var content = new StringContent(body, Encoding.UTF8, type);
        return await _gateway.Http.PostAsync(new Uri("/api/v1/import/devices" + query, UriKind.Relative), content);
    }

    private async Task<JsonNode> DeviceAsync(string id) => JsonNode.Parse(await _gateway.Http.GetStringAsync($"/api/v1/devices/{id}"))!;

    private static string Pointer(JsonNode line) => line["errors"]?[0]!["pointer"]!.GetValue<string>() ?? "";

    private static string Since(JsonNode device, JsonNode updatedAt)
    {
        device["updated_at"] = updatedAt.DeepClone();
        return device.ToJsonString();
    }
}
