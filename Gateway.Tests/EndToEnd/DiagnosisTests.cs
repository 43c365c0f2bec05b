using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Tests.Support;

namespace Gateway.Tests.EndToEnd;

/// <summary>What an operator looks at when something is odd: health, and what a device really says.</summary>
internal sealed class DiagnosisTests
{
    private const string Device = "282c02424eed";
    private static readonly Uri TracePath = new($"/api/v1/devices/{Device}/trace", UriKind.Relative);

    private GatewayUnderTest _gateway = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _gateway = await GatewayUnderTest.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await _gateway.DisposeAsync();

    [Test]
    public async Task A_traced_device_is_logged_both_ways_until_the_trace_ends()
    {
        await _gateway.PostAsync("/m", Frames.Efento);
        Assert.That(Traced(), Is.Zero);

        using var started = await _gateway.Http.PutAsJsonAsync(TracePath, new { seconds = 600 });
        Assert.That(started.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        var until = JsonNode.Parse(await _gateway.Http.GetStringAsync(TracePath))!["until"]!.GetValue<DateTimeOffset>();
        Assert.That(until - TimeProvider.System.GetUtcNow(), Is.GreaterThan(TimeSpan.FromSeconds(500)).And.LessThanOrEqualTo(TimeSpan.FromSeconds(600)));

        await _gateway.QueueAsync(new { device_id = Device, command_type = "config_update", payload = new { transmission_interval = 3600 } });
        var answer = await _gateway.PostAsync("/m", Frames.Efento);
        await _gateway.LoggedAsync(Frames.Efento.ToLowerInvariant());
        await _gateway.LoggedAsync(Convert.ToHexStringLower(answer.Payload.Span));

        using var stopped = await _gateway.Http.DeleteAsync(TracePath);
        using var again = await _gateway.Http.DeleteAsync(TracePath);
        await _gateway.PostAsync("/m", Frames.Efento);
        Assert.That((stopped.StatusCode, again.StatusCode), Is.EqualTo((HttpStatusCode.NoContent, HttpStatusCode.NotFound)));
        Assert.That(Traced(), Is.EqualTo(1));
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(86401)]
    public async Task A_trace_without_a_sensible_end_is_refused(int seconds)
    {
        using var response = await _gateway.Http.PutAsJsonAsync(TracePath, new { seconds });

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain("1 to 86400"));
    }

    [TestCase("/health/live", """{"status":"healthy","checks":{}}""")]
    [TestCase("/health/ready", """{"status":"healthy","checks":{"coap":{"status":"healthy"},"journal":{"status":"healthy"}}}""")]
    public async Task Health_is_told_by_what_is_asked(string path, string expected) =>
        Assert.That(await _gateway.Http.GetStringAsync(path), Is.EqualTo(expected));

    [Test]
    public async Task A_gateway_that_can_keep_nothing_is_alive_and_not_ready_and_says_why()
    {
        await using var full = await GatewayUnderTest.StartAsync(null, null, "journal.min_free_megabytes=1000000");
        full.Log.Expect("journal.min_free_megabytes is 1000000");
        HttpResponseMessage? ready = null;
        await Eventually.HoldsAsync(() => (ready = full.Http.GetAsync(new Uri("/health/ready", UriKind.Relative)).GetAwaiter().GetResult()).StatusCode is HttpStatusCode.ServiceUnavailable, "not ready");

        Assert.That(await ready!.Content.ReadAsStringAsync(), Does.Contain("unhealthy").And.Contain("min_free_megabytes"));
        Assert.That(await full.Http.GetStringAsync("/health/live"), Does.Contain("healthy"));
        ready.Dispose();
    }

    private int Traced() => _gateway.Log.Entries.Count(entry => entry.Text.Contains(Frames.Efento, StringComparison.OrdinalIgnoreCase));
}
