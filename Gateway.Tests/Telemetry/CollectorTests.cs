using System.Text;
using Gateway.Coap;
using Gateway.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Telemetry;

/// <summary>What a collector is sent: a web server stands in its place, and the requests are looked at for the texts that must be in them.</summary>
internal sealed class CollectorTests
{
    [Test]
    public async Task Each_step_of_an_exchange_is_a_span_of_one_trace_and_metrics_come_as_well()
    {
        await using var collector = await HttpReceiver.StartAsync((_, _) => Task.CompletedTask);
        await using (var gateway = await GatewayUnderTest.StartAsync(sets:
            $$$"""telemetry.otlp={"endpoint": "{{{collector.Url}}}/base", "trace_ratio": 1, "metrics_interval_seconds": 1, "headers": {"X-Scope": "a, b"}}"""))
        {
            await gateway.SendAsync(CoapCode.Post, "/devices/cellar/data", "{\"temperature\": 21.5}"u8.ToArray());
            await gateway.ReadingsAsync(1);
            await Eventually.HoldsAsync(() => Sent(collector, "/base/v1/metrics").Contains("gateway.uplink.frames"), "metrics are sent");
        }

        // The stop sends what is there.
        var spans = Sent(collector, "/base/v1/traces");
        string[] steps = ["POST /devices/{device_id}/data", "parse", "commit", "answer", "deliver"];
        Assert.That(steps.Where(step => !spans.Contains(step)), Is.Empty);
        Assert.That(spans, Does.Contain("cellar").And.Contain("2.01").And.Contain("parsed").And.Contain("gateway.sink"));
        Assert.That(collector.Requests.Select(request => request.Headers["X-Scope"]).Distinct(), Is.EqualTo(["a, b"]));
        Assert.That(collector.Requests.Select(request => request.Headers["Content-Type"]).Distinct(), Is.EqualTo(["application/x-protobuf"]));
    }

    [Test]
    public async Task What_fails_is_marked_and_a_collector_that_refuses_holds_up_nobody()
    {
        await using var collector = await HttpReceiver.StartAsync((context, _) =>
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return Task.CompletedTask;
        });
        await using (var gateway = await GatewayUnderTest.StartAsync(sets: $$"""telemetry.otlp={"endpoint": "{{collector.Url}}", "trace_ratio": 1, "metrics": false}"""))
        {
            Assert.That((await gateway.SendAsync(CoapCode.Post, "/devices/cellar/data", "no JSON"u8.ToArray())).Code, Is.EqualTo(CoapCode.BadRequest));
            Assert.That((await gateway.SendAsync(CoapCode.Post, "/devices/cellar/data", "{\"temperature\": 1}"u8.ToArray())).Code, Is.EqualTo(CoapCode.Created));
        }

        Assert.That(Sent(collector, "/v1/traces"), Does.Contain("invalid_payload"));
        Assert.That(collector.Requests.Select(request => request.Line), Is.All.EqualTo("POST /v1/traces"), "metrics are not sent");
    }

    private static string Sent(HttpReceiver collector, string path) =>
        string.Concat(collector.Requests.Where(request => request.Line == "POST " + path).Select(request => Encoding.Latin1.GetString(request.Body)));
}
