using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Tests.Support;

namespace Gateway.Tests.Api;

/// <summary>What callers and dashboards rely on changes only on purpose.</summary>
internal sealed class ContractTests
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
        var instruments = new ConcurrentBag<Instrument>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, _) => instruments.Add(instrument) };
        listener.Start();
        await using var gateway = await GatewayUnderTest.StartAsync();
        await gateway.PostAsync("/m", "");

        var metrics = from instrument in instruments
                      where instrument.Meter.Name.StartsWith("Gateway.", StringComparison.Ordinal)
                      select $"{instrument.Meter.Name}: {instrument.Name}, {instrument.GetType().Name.Split('`')[0]} of {instrument.Unit}: {instrument.Description}";

        Approved.Matches("metrics.approved.txt", string.Join('\n', metrics.Distinct().Order(StringComparer.Ordinal)));
    }

    [Test]
    public async Task Metrics_are_there_for_Prometheus()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await gateway.PostAsync("/m", Frames.Efento);
        await gateway.QueueAsync(new { device_id = "282c02424eed", command_type = "config_update", payload = new { transmission_interval = 3600 } });
        await gateway.PostAsync("/m", Frames.Efento);
        await gateway.PostAsync("/m", Frames.Efento);

        var metrics = await gateway.Http.GetStringAsync("/metrics");

        Assert.That(metrics, Does.Match(@"(?m)^gateway_uplink_frames_total\{[^}]*outcome=""parsed""[^}]*\} 3$"));
        Assert.That(metrics, Does.Match(@"(?m)^gateway_command_formats_total\{[^}]*outcome=""ok""[^}]*\} 2$"), "tried dry, and sent");
        Assert.That(metrics, Does.Match(@"(?m)^gateway_command_delivery_duration_seconds_count\{[^}]*\} 1$"));
        Assert.That(metrics, Does.Match(@"(?m)^gateway_registry_lookups_total\{[^}]*result=""miss""[^}]*\} 1$"));
        Assert.That(metrics, Does.Match(@"(?m)^gateway_registry_lookups_total\{[^}]*result=""hit""[^}]*\} \d+$"));
        Assert.That(metrics, Does.Match(@"(?m)^gateway_script_load_duration_seconds_count\{[^}]*\} \d+$"));
    }
}
