using System.Net;
using System.Text.Json.Nodes;
using Gateway.Telemetry;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Api;

/// <summary>How much is logged, seen and changed while the gateway runs.</summary>
internal sealed class LogApiTests
{
    private GatewayUnderTest _gateway = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _gateway = await GatewayUnderTest.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await _gateway.DisposeAsync();

    [Test]
    public async Task Levels_are_changed_at_once_and_recorded()
    {
        await PutAsync(new { level = "info" }, HttpStatusCode.OK);

        var answer = await PutAsync(new { level = "warn", levels = new Dictionary<string, string> { ["Gateway.Uplink"] = "debug" } }, HttpStatusCode.OK);

        Assert.That(answer.ToJsonString(), Is.EqualTo("""{"level":"warn","levels":{"Gateway.Uplink":"debug"}}"""));
        Assert.That(JsonNode.Parse(await _gateway.Http.GetStringAsync("/api/v1/log"))!.ToJsonString(), Is.EqualTo(answer.ToJsonString()));
        Assert.That(Levels.Now.Levels["Gateway.Uplink"], Is.EqualTo(LogVerbosity.Debug));
        var record = JsonNode.Parse(await _gateway.Http.GetStringAsync("/api/v1/audit?action=PutLog&limit=1"))!["items"]![0]!;
        Assert.That((record["before"]!["level"]!.GetValue<string>(), record["after"]!["level"]!.GetValue<string>()), Is.EqualTo(("info", "warn")));
    }

    [TestCase("""{"level": "info", "levels": {"Gateway.*": "debug"}}""", HttpStatusCode.UnprocessableEntity, "#/levels/Gateway.%2A")]
    [TestCase("""{"level": "info", "levels": {"": "debug"}}""", HttpStatusCode.UnprocessableEntity, "no category")]
    [TestCase("""{"level": "loud"}""", HttpStatusCode.BadRequest, "level")]
    [TestCase("""{"level": "info", "levels": {"Gateway": 3}}""", HttpStatusCode.BadRequest, "Gateway")]
    [TestCase("""{"levels": {}}""", HttpStatusCode.BadRequest, "line 1, byte 14: 'level' must be there")]
    [TestCase("""{"level": "info", "format": "json"}""", HttpStatusCode.BadRequest, "format")]
    public async Task What_makes_no_sense_is_refused_and_changes_nothing(string body, HttpStatusCode status, string named)
    {
        var before = Levels.Now;

        var problem = await PutAsync(JsonNode.Parse(body)!, status);

        Assert.That($"{problem["detail"]} {problem["errors"]![0]!["pointer"]}", Does.Contain(named).And.Not.Contain("LogDocument"));
        Assert.That(Levels.Now, Is.SameAs(before));
    }

    [Test]
    public async Task A_change_of_gateway_json_counts_again()
    {
        await PutAsync(new { level = "error" }, HttpStatusCode.OK);
        var file = _gateway.Folder.PathOf("gateway.json");
        var shipped = await File.ReadAllTextAsync(file);
        var tree = JsonNode.Parse(shipped, documentOptions: new() { CommentHandling = System.Text.Json.JsonCommentHandling.Skip, AllowTrailingCommas = true })!;
        tree["log"]!["level"] = "debug";
        await File.WriteAllTextAsync(file, tree.ToJsonString());

        using var reloaded = await _gateway.Http.PostAsync(new Uri("/api/v1/configuration/reload", UriKind.Relative), null);

        Assert.That(Levels.Now.Level, Is.EqualTo(LogVerbosity.Debug), await reloaded.Content.ReadAsStringAsync());
    }

    private LogLevelSwitch Levels => _gateway.Services.GetRequiredService<LogLevelSwitch>();

    private async Task<JsonNode> PutAsync(object body, HttpStatusCode expected)
    {
        using var response = await _gateway.SendJsonAsync(HttpMethod.Put, "/api/v1/log", body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.StatusCode, Is.EqualTo(expected), text);
        return JsonNode.Parse(text)!;
    }
}
