using System.Text;
using Gateway.Coap;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.EndToEnd;

/// <summary>Who sent a frame is found by the rules of its route, in their order.</summary>
internal sealed class IdentityTests
{
    // An odd number: a critical option, which is refused unless a rule of the route names it.
    private const int TokenOption = 2001;

    private const string Configuration = """
        {
          "profiles": {
            "json": { "script": "json.csx", "unknown_devices": "provision" },
            "signing": { "script": "json.csx", "unknown_devices": "provision", "known_options": [2001] }
          },
          "routes": [
            { "path": "/data", "profile": "json", "identity": ["query:id", "option:2001"] },
            { "path": "/devices/{device_id}/data", "profile": "json" },
            { "path": "/signed/{device_id}", "profile": "signing" },
            { "path": "/script", "profile": "json" }
          ]
        }
        """;

    private GatewayUnderTest _gateway = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _gateway = await GatewayUnderTest.StartAsync(json: Configuration);

    [OneTimeTearDown]
    public async Task StopAsync() => await _gateway.DisposeAsync();

    [TestCase("/data?id=by-query", null, "by-query")]
    [TestCase("/data", "by-option", "by-option")]
    [TestCase("/data?id=first&x=1", "second", "first")]
    [TestCase("/data?id=no/id", "by-option", "by-option")]
    [TestCase("/devices/by-path/data", null, "by-path")]
    [TestCase("/devices/by%3Apath/data", null, "by:path")]
    public async Task A_device_is_recognised(string path, string? option, string expected)
    {
        var answer = await SendAsync(path, option);

        Assert.That(answer.Code, Is.EqualTo(CoapCode.Created));
        Assert.That(_gateway.Journal.Read(_gateway.Journal.LastSequence - 1, 1).Single().DeviceId, Is.EqualTo(expected));
    }

    [TestCase("/data", null, "names no device")]
    [TestCase("/data?id=", null, "device id")]
    [TestCase("/data?id=no/id", null, "no/id")]
    [TestCase("/devices/a%20b/data", null, "a b")]
    [TestCase("/script", null, "names no device")]
    public async Task A_device_that_is_not_recognised_is_told_why(string path, string? option, string reason)
    {
        var kept = _gateway.Journal.LastSequence;

        var answer = await SendAsync(path, option);

        Assert.That(answer.Code, Is.EqualTo(CoapCode.BadRequest));
        Assert.That(Encoding.UTF8.GetString(answer.Payload.Span), Does.Contain(reason));
        Assert.That(_gateway.Journal.LastSequence, Is.EqualTo(kept), "nothing is kept of it");
    }

    [Test]
    public async Task A_critical_option_that_no_rule_names_is_refused()
    {
        var answer = await SendAsync("/devices/a/data", "token");

        Assert.That(answer.Code, Is.EqualTo(CoapCode.BadOption));
        Assert.That(Encoding.UTF8.GetString(answer.Payload.Span), Does.Contain("2001"));
    }

    [Test]
    public async Task A_critical_option_that_the_profile_names_is_taken() =>
        Assert.That((await SendAsync("/signed/a", "signature")).Code, Is.EqualTo(CoapCode.Created));

    // What is young and hangs on something old is what the collector takes longest for.
    [Test]
    public async Task What_is_kept_of_a_frame_has_the_id_that_is_there_anyway()
    {
        await SendAsync("/data?id=kept", null);
        await SendAsync("/data?id=kept", null);

        var known = await _gateway.Services.GetRequiredService<DeviceDirectory>().FindAsync(DeviceId.Parse("kept"), CancellationToken.None);
        var exchanges = _gateway.Services.GetRequiredService<RecentExchanges>().Of(known!.Id);
        Assert.That(exchanges, Has.Count.EqualTo(2));
        Assert.That(exchanges[0].Device.ToString(), Is.SameAs(known.Id.ToString()));
    }

    private Task<CoapMessage> SendAsync(string path, string? option) => _gateway.SendAsync(
        CoapCode.Post, path, "{\"t\": 1}"u8.ToArray(), option is null ? [] : [new CoapOption(TokenOption, Encoding.UTF8.GetBytes(option))]);
}
