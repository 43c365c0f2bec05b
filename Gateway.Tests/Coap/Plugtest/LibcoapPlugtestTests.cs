using Gateway.Tests.Plugtest;
using Gateway.Tests.Support;

namespace Gateway.Tests.Coap.Plugtest;

/// <summary>libcoap's client follows some of the test descriptions.</summary>
internal sealed class LibcoapPlugtestTests : PlugtestFixture
{
    [Test]
    public async Task TD_COAP_CORE_01() => Assert.That(await RunAsync("/test"), Does.StartWith("CON GET"));

    [Test]
    public async Task TD_COAP_CORE_05() => Assert.That(await RunAsync("/test", "-N"), Does.StartWith("NON GET"));

    [Test]
    public async Task TD_COAP_CORE_12() => Assert.That(await RunAsync("/test", "-T", ""), Does.StartWith("CON GET"));

    [Test]
    public async Task TD_COAP_CORE_13() => Assert.That(await RunAsync("/seg1/seg2/seg3"), Is.EqualTo("three segments"));

    [Test]
    public async Task TD_COAP_CORE_14() => Assert.That(await RunAsync("/query?first=1&second=2"), Is.EqualTo("first=1\nsecond=2"));

    [Test]
    public async Task TD_COAP_CORE_18() =>
        Assert.That(await RunAsync("/test", "-m", "post", "-e", "x", "-t", "0", "-v", "7"), Does.Contain("Location-Path:location1, Location-Path:location2, Location-Path:location3"));

    [TestCase("0", "22.3 C")]
    [TestCase("41", "<temperature unit=\"Cel\">22.3</temperature>")]
    public async Task TD_COAP_CORE_20(string format, string content) => Assert.That(await RunAsync("/multi-format", "-A", format), Is.EqualTo(content));

    [Test]
    public async Task TD_COAP_CORE_23()
    {
        // Option 5, without a value.
        Assert.That(await RunAsync("/create1", "-m", "put", "-e", "first", "-t", "0", "-O", "5"), Is.Empty);
        Assert.That(await RunAsync("/create1", "-m", "put", "-e", "second", "-t", "0", "-O", "5"), Does.StartWith("4.12"));
        Assert.That(await RunAsync("/create1"), Is.EqualTo("first"));
    }

    [Test]
    public async Task TD_COAP_LINK_08() =>
        Assert.That(await RunAsync("/.well-known/core?href=/link*"), Does.StartWith("</link1>;rt=\"Type1 Type2\";if=\"If1\",</link2>"));

    [TestCase("16")]
    [TestCase("64")]
    [TestCase("1024")]
    public async Task TD_COAP_BLOCK_01(string size)
    {
        var body = await RunAsync("/large", "-b", size);
        Assert.That(body, Does.StartWith("0 ........\n    16 ........\n").And.EndWith("\n  1264 ........"));
    }

    // It acknowledges each state that it is told, and after a second it deregisters.
    [TestCase("TD_COAP_OBS_01")]
    [TestCase("TD_COAP_OBS_02", "-N")]
    public async Task TD_COAP_OBS(string _, params string[] arguments)
    {
        var running = RunAsync("/obs", ["-s", "1", .. arguments]);
        await Eventually.HoldsAsync(() => Site.ObservedReads == 1, "it registers, and is told the first state");
        Time.Advance(ObservedResource.Period);

        Assert.That(await running, Does.Match(@"\A0\s*1"));

        // It does not stay to see its last request answered.
        await Eventually.HoldsAsync(() => Server.Server.Observers == 0, "it is off the list");
    }

    private Task<string> RunAsync(string path, params string[] arguments) =>
        LibcoapClient.RunAsync($"coap://127.0.0.1:{Server.Loopback().Port}{path}", arguments);
}
