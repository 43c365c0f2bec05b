using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Tests.Support;

namespace Gateway.Tests.Api;

/// <summary>What callers and dashboards rely on changes only on purpose.</summary>
internal sealed partial class ContractTests
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    [Test]
    public async Task The_OpenAPI_document_is_the_approved_one()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var document = JsonNode.Parse(await gateway.Http.GetStringAsync("/openapi/v1.json"))!;

        Approved.Matches("openapi.approved.json", document.ToJsonString(Indented));
    }

    [Test]
    public async Task The_metrics_have_the_approved_names()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        const string Frame = "0a06282c02424eed1001183c220f080110b8d0a7c20620d2032a020000220e080210b8d0a7c20620722a0200002896d5a7c20640014809820100";
        await gateway.PostAsync("/m", Frame);
        await gateway.QueueAsync(new { device_id = "282c02424eed", command_type = "config_update", payload = new { transmission_interval = 3600 } });
        await gateway.PostAsync("/m", Frame);
        await gateway.PostAsync("/m", Frame);
        await gateway.PostAsync("/m", "");
        await gateway.ReadingsAsync(12);

        var metrics = await gateway.Http.GetStringAsync("/metrics");
        var names = MetricType().Matches(metrics).Select(match => match.Groups[1].Value).Where(line => line.StartsWith("gateway_", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

        Approved.Matches("metrics.approved.txt", string.Join('\n', names));
    }

    [GeneratedRegex(@"^# TYPE (\S+ \S+)", RegexOptions.Multiline)]
    private static partial Regex MetricType();
}
