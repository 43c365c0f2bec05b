using System.Text;
using Gateway.Coap;
using Gateway.Tests.Coap.Rfc7641;
using Gateway.Tests.Support;
using static Gateway.Tests.Coap.Rfc7959.Blocks;

namespace Gateway.Tests.Coap.Rfc9175;

/// <summary>libcoap's client is challenged by our server, and echoes.</summary>
internal sealed class LibcoapEchoTests
{
    private int _asked;
    private TestServer _server = null!;

    [SetUp]
    public async Task SetUp()
    {
        _asked = 0;
        var site = new TestSite
        {
            ["/large"] = new TestResource(request =>
            {
                Interlocked.Increment(ref _asked);
                return EchoBench.Of(int.Parse(Encoding.UTF8.GetString(request.Payload.Span), System.Globalization.CultureInfo.InvariantCulture));
            }),
            ["/text"] = new TestResource(_ => EchoBench.Of(900)),
            ["/state"] = new ObservableResource(_ => EchoBench.Of(20)),
        };
        _server = await TestServer.StartAsync(site, new CoapSettings { Port = 0, Shards = 1 });
    }

    [TearDown]
    public async Task TearDown() => await _server.DisposeAsync();

    [TestCase("con")]
    [TestCase("non", "-N")]
    public async Task It_gets_a_large_answer_at_the_second_try(string type, params string[] arguments)
    {
        var output = await RunAsync("text", ["-v", "7", .. arguments]);

        Assert.That(output, Does.Contain("c:4.01").And.Contain("Echo:").And.Contain("c:2.05"), type);
        Assert.That(output, Does.Contain(Text(900)[..100]));
    }

    [TestCase(500)]
    [TestCase(3000)]
    public async Task Its_POST_is_carried_out_once(int size)
    {
        var output = await RunAsync("large", ["-m", "post", "-e", $"{size}"]);

        Assert.That(output, Is.EqualTo(Text(size)));
        Assert.That(_asked, Is.EqualTo(1));
    }

    [Test]
    public async Task It_observes_once_it_has_echoed()
    {
        var running = RunAsync("state", ["-s", "1", "-v", "7"]);
        await Eventually.HoldsAsync(() => _server.Server.Observers == 1, "it observes");

        Assert.That(await running, Does.Contain("c:4.01").And.Contain("Echo:").And.Contain(Text(20)));
    }

    private Task<string> RunAsync(string path, string[] arguments) =>
        LibcoapClient.RunAsync($"coap://127.0.0.1:{_server.Server.LocalEndPoints[0].Port}/{path}", arguments);
}
