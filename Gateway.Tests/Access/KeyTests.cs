using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Access;
using Gateway.Cli;
using Gateway.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Access;

/// <summary>Keys from their making to their end, and what the audit record says of it.</summary>
internal sealed class KeyTests
{
    private const string Keys = "/api/v1/keys";

    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task The_first_key_closes_the_door()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        Assert.That(await gateway.StatusAsync(HttpMethod.Get, Keys), Is.EqualTo(HttpStatusCode.OK), "nobody could have a key yet");
        Assert.That(await gateway.StatusAsync(HttpMethod.Get, Keys, from: Visitor.Elsewhere), Is.EqualTo(HttpStatusCode.Unauthorized));

        using (var viewer = await gateway.AskAsync(HttpMethod.Post, Keys, body: JsonContent.Create(new { name = "me", roles = new[] { "viewer" } })))
        {
            Assert.That(viewer.StatusCode, Is.EqualTo(HttpStatusCode.UnprocessableEntity), "nobody could make another one");
        }

        var (key, id) = await MakeAsync(gateway, null, "admin");
        Assert.That(await gateway.StatusAsync(HttpMethod.Get, Keys), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await gateway.StatusAsync(HttpMethod.Get, Keys, key, Visitor.Elsewhere), Is.EqualTo(HttpStatusCode.OK));
        using var request = new HttpRequestMessage(HttpMethod.Get, Keys) { Headers = { { ApiKeyHandler.Header, key } } };
        using var listed = await gateway.Http.SendAsync(request);
        var list = await listed.Content.ReadAsStringAsync();
        Assert.That(list, Does.Contain(id).And.Not.Contain(key).And.Not.Contain(key.Split('_', 3)[2]));

        using var last = await gateway.AskAsync(HttpMethod.Delete, $"{Keys}/{id}", key);
        Assert.That(last.StatusCode, Is.EqualTo(HttpStatusCode.Conflict), "or nobody could come in any more");
        await MakeAsync(gateway, key, "admin");
        Assert.That(await gateway.StatusAsync(HttpMethod.Delete, $"{Keys}/{id}", key), Is.EqualTo(HttpStatusCode.OK));
        using var revoked = await gateway.AskAsync(HttpMethod.Get, Keys, key);
        Assert.That(revoked.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await revoked.Content.ReadAsStringAsync(), Does.Contain($"the key {id} was revoked"));
    }

    [Test]
    public async Task A_page_of_another_site_is_not_taken_for_whoever_is_on_this_machine()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        Assert.That(await AskFromPageAsync("https://attacker.example"), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await AskFromPageAsync("null"), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await AskFromPageAsync(gateway.Http.BaseAddress!.GetLeftPart(UriPartial.Authority)), Is.EqualTo(HttpStatusCode.OK));

        async Task<HttpStatusCode> AskFromPageAsync(string origin)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Keys) { Headers = { { "Origin", origin } } };
            using var response = await gateway.Http.SendAsync(request);
            return response.StatusCode;
        }
    }

    [Test]
    public async Task A_key_of_the_command_line_is_known_while_the_gateway_runs_and_before_it_does()
    {
        _folder.Write("gateway.json", await File.ReadAllTextAsync(Repository.PathOf("gateway.json")));
        var (code, before, error) = await RunAsync("key", "add", "--name", "first", "--role", "admin", "--config", _folder.PathOf("gateway.json"));
        Assert.That(code, Is.Zero, error);
        await using var gateway = await GatewayUnderTest.StartAsync(_folder);
        Assert.That(await gateway.StatusAsync(HttpMethod.Get, Keys, before.Trim()), Is.EqualTo(HttpStatusCode.OK));

        var (_, during, _) = await RunAsync("key", "add", "--name", "grafana", "--role", "viewer", "--role", "operator", "--expires", "90d", "--config", _folder.PathOf("gateway.json"));
        await Eventually.HoldsAsync(async () => await gateway.StatusAsync(HttpMethod.Get, "/metrics", during.Trim()) is HttpStatusCode.OK, "the new key is known");

        var id = during.Split('_')[1];
        var (_, list, _) = await RunAsync("key", "list", "--config", _folder.PathOf("gateway.json"));
        Assert.That(list, Does.Contain(id).And.Contain("viewer,operator").And.Contain("grafana").And.Not.Contain(during.Trim()));
        Assert.That((await RunAsync("key", "revoke", id, "--config", _folder.PathOf("gateway.json"))).Code, Is.Zero);
        await Eventually.HoldsAsync(async () => await gateway.StatusAsync(HttpMethod.Get, "/metrics", during.Trim()) is HttpStatusCode.Unauthorized, "the key is known to be revoked");

        var changes = await ChangesAsync(gateway, before.Trim(), "actor=" + Uri.EscapeDataString($"command line/{Environment.UserName}"));
        Assert.That(changes.Select(change => $"{change["action"]} {change["result"]}"), Is.EqualTo(new[] { "RevokeKey done", "CreateKey done", "CreateKey done" }));
        Assert.That(changes[0]["before"]!["state"]!.GetValue<string>(), Is.EqualTo("usable"));
        Assert.That(changes[0]["after"]!["state"]!.GetValue<string>(), Is.EqualTo("revoked"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.That(File.GetUnixFileMode(_folder.PathOf("data/access.db")), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }
    }

    [TestCase("key add --name x --role king", 2)]
    [TestCase("key add --role admin", 2)]
    [TestCase("key add --name x --role admin --expires soon", 2)]
    [TestCase("key add --name x --role admin --expires 2001-01-01T00:00:00Z", 2)]
    [TestCase("key revoke 0123", 1)]
    public async Task What_can_not_be_done_is_said(string line, int expected)
    {
        _folder.Write("gateway.json", "{}");

        var (code, output, error) = await RunAsync([.. line.Split(' '), "--config", _folder.PathOf("gateway.json")]);

        Assert.That((code, output.Contains("gwk_", StringComparison.Ordinal)), Is.EqualTo((expected, false)));
        Assert.That(error, Is.Not.Empty);
    }

    [Test]
    public async Task Without_a_key_the_gateway_does_not_start_where_others_could_reach_it()
    {
        _folder.Write("gateway.json", """{"coap": {"addresses": ["127.0.0.1"], "port": 0}, "api": {"address": "0.0.0.0", "port": 0, "allow_plain_http": true}}""");

        var (code, _, error) = await RunAsync("run", "--config", _folder.PathOf("gateway.json"));

        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.Contain("the gateway cannot start: api.address 0.0.0.0").And.Contain("gateway key add"));
    }

    [Test]
    public async Task A_change_is_recorded_with_who_what_before_and_after()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var (key, id) = await MakeAsync(gateway, null, "admin");
        async Task PutAsync(string path, object body, string? match = null)
        {
            using var response = await gateway.AskAsync(HttpMethod.Put, path, key, Visitor.Elsewhere, JsonContent.Create(body), match);
        }

        await PutAsync("/api/v1/devices/cellar", new { profile = "json", labels = new[] { "one" }, token = "not-for-the-record" });
        await PutAsync("/api/v1/devices/cellar", new { profile = "json", labels = new[] { "two" } }, "*");
        await PutAsync("/api/v1/devices/cellar", new { profile = "none" }, "*");
        await gateway.StatusAsync(HttpMethod.Delete, "/api/v1/devices/cellar", key);
        await gateway.StatusAsync(HttpMethod.Get, "/api/v1/devices/cellar", key);

        var changes = await ChangesAsync(gateway, key, "target=/api/v1/devices");
        Assert.That(changes.Select(change => $"{change["action"]} {change["result"]} {change["status"]} {Label(change["before"])} {Label(change["after"])}"), Is.EqualTo(new[]
        {
            "DeleteDevice done 204 two ", "PutDevice refused 422 two ", "PutDevice done 200 one two", "PutDevice done 200  one",
        }));
        Assert.That(changes.Select(change => change["actor"]!.GetValue<string>()).Distinct(), Is.EqualTo(new[] { $"key/{id}" }));
        Assert.That(changes[1]["origin"]!.GetValue<string>(), Is.EqualTo(Visitor.Elsewhere));
        Assert.That(changes[1]["detail"]!.GetValue<string>(), Does.Contain("none"));
        Assert.That(string.Join('\n', changes.Select(change => change.ToJsonString())), Does.Not.Contain("not-for-the-record"));

        Assert.That(await ChangesAsync(gateway, key, "target=/api/v1/devices&result=refused"), Has.Count.EqualTo(1));
        Assert.That(await ChangesAsync(gateway, key, "action=DeleteDevice"), Has.Count.EqualTo(1));
        Assert.That(await ChangesAsync(gateway, key, "until=2001-01-01T00:00:00Z"), Is.Empty);
        var newest = (await ChangesAsync(gateway, key, "limit=2"))[1]["id"]!.GetValue<long>();
        Assert.That((await ChangesAsync(gateway, key, string.Create(CultureInfo.InvariantCulture, $"limit=1&after={newest}")))[0]["id"]!.GetValue<long>(), Is.LessThan(newest));
        Assert.That(
            () => gateway.Services.GetRequiredService<AccessStore>().Read(connection => { AccessFile.Execute(connection, "UPDATE audit SET actor = 'somebody else'"); return 0; }),
            Throws.TypeOf<SqliteException>(), "the record is only appended to");

        static string Label(JsonNode? device) => device?["labels"]?[0]?.GetValue<string>() ?? "";
    }

    [Test]
    public async Task What_can_not_be_recorded_is_not_changed()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Log.Expect("the audit record can't be written");
        gateway.Services.GetRequiredService<AccessStore>().Read(connection => { AccessFile.Execute(connection, "ALTER TABLE audit RENAME TO gone"); return 0; });

        Assert.That(await PutAsync("a"), Is.EqualTo(HttpStatusCode.OK), "that it can't be recorded is known too late, and told in the log");
        Assert.That(await PutAsync("b"), Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(await gateway.StatusAsync(HttpMethod.Get, "/api/v1/devices/b"), Is.EqualTo(HttpStatusCode.NotFound));
        gateway.Services.GetRequiredService<AccessStore>().Read(connection => { AccessFile.Execute(connection, "ALTER TABLE gone RENAME TO audit"); return 0; });
        Assert.That(await PutAsync("b"), Is.EqualTo(HttpStatusCode.OK));

        async Task<HttpStatusCode> PutAsync(string id)
        {
            using var response = await gateway.Http.PutAsJsonAsync($"/api/v1/devices/{id}", new { profile = "json" });
            return response.StatusCode;
        }
    }

    [Test]
    public async Task Who_asks_too_much_is_told_to_wait()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(null, null, "access.requests_per_second=1", "access.burst=5", "access.stranger_requests_per_second=1", "access.stranger_burst=3");
        var key = await gateway.KeyAsync(Role.Admin);

        foreach (var (given, burst, usual) in new[] { (key, 5, HttpStatusCode.OK), (null, 3, HttpStatusCode.Unauthorized) })
        {
            var answers = new List<HttpStatusCode>();
            for (var i = 0; i < 20; i++)
            {
                using var response = await gateway.AskAsync(HttpMethod.Get, Keys, given);
                answers.Add(response.StatusCode);
                if (response.StatusCode is HttpStatusCode.TooManyRequests)
                {
                    Assert.That(response.Headers.RetryAfter!.Delta, Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(1)));
                    Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain("Retry-After"));
                }
            }

            Assert.That(answers.Take(burst), Is.All.EqualTo(usual));
            Assert.That(answers, Has.Some.EqualTo(HttpStatusCode.TooManyRequests));
        }
    }

    private static async Task<(string Key, string Id)> MakeAsync(GatewayUnderTest gateway, string? with, params string[] roles)
    {
        using var response = await gateway.AskAsync(HttpMethod.Post, Keys, with, body: JsonContent.Create(new { name = "a key", roles }));
        var made = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Created), made.ToJsonString());
        return (made["key"]!.GetValue<string>(), made["details"]!["id"]!.GetValue<string>());
    }

    private static async Task<List<JsonNode>> ChangesAsync(GatewayUnderTest gateway, string key, string query)
    {
        using var response = await gateway.AskAsync(HttpMethod.Get, $"/api/v1/audit?{query}", key);
        var body = await response.Content.ReadAsStringAsync();
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK), body);
        return [.. JsonNode.Parse(body)!["items"]!.AsArray().Select(item => item!)];
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.RunAsync(arguments, new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
