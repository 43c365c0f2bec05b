using System.Net;
using System.Text.Json.Nodes;
using Gateway.Telemetry;
using Gateway.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Access;

/// <summary>Who can't be recorded may not change anything.</summary>
internal sealed class AuditTests
{
    [Test]
    public async Task While_the_record_cannot_be_written_nothing_is_changed_and_health_says_so()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Log.Expect("is in no record but this line");
        Run(gateway, "CREATE TRIGGER refuse BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END");

        // That it can't be written is found by the first change, which is in the log at least.
        Assert.That((await PutAsync(gateway, "warn")).Status, Is.EqualTo(HttpStatusCode.OK));
        var refused = await PutAsync(gateway, "error");

        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(refused.Body["detail"]!.GetValue<string>(), Does.StartWith("the audit record can't be written now, so nothing was changed:").And.Contain("no room"));
        Assert.That(gateway.Services.GetRequiredService<LogLevelSwitch>().Now.Level, Is.EqualTo(LogVerbosity.Warn));
        var health = JsonNode.Parse(await gateway.Http.GetStringAsync("/health"))!;
        Assert.That((health["status"]!.GetValue<string>(), health["checks"]!["audit"]!["status"]!.GetValue<string>()), Is.EqualTo(("degraded", "degraded")));

        Run(gateway, "DROP TRIGGER refuse");
        Assert.That((await PutAsync(gateway, "error")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(JsonNode.Parse(await gateway.Http.GetStringAsync("/health"))!["checks"]!["audit"]!["status"]!.GetValue<string>(), Is.EqualTo("healthy"));
    }

    private static async Task<(HttpStatusCode Status, JsonNode Body)> PutAsync(GatewayUnderTest gateway, string level)
    {
        using var response = await gateway.SendJsonAsync(HttpMethod.Put, "/api/v1/log", new { level });
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    private static void Run(GatewayUnderTest gateway, string statement)
    {
        using var connection = new SqliteConnection($"Data Source={gateway.Folder.PathOf("data/access.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }
}
