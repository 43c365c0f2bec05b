using Gateway.Coap;
using Gateway.Tests.Support;

namespace Gateway.Tests.Coap.Rfc7959;

/// <summary>libcoap's client puts bodies in blocks and gets them back: an implementation that we did not write.</summary>
internal sealed class LibcoapBlockwiseTests
{
    private TempFolder _folder = null!;
    private ReadOnlyMemory<byte> _kept;
    private TestServer _server = null!;

    [SetUp]
    public async Task SetUp()
    {
        _folder = new TempFolder();
        _kept = default;
        _server = await TestServer.StartAsync(
            new TestSite { ["/kept"] = new TestResource(Keep) }, new CoapSettings { Port = 0, MaxPayloadSize = 65536 });
    }

    [TearDown]
    public async Task TearDown()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [TestCase("put", 16, 1)]
    [TestCase("put", 16, 16)]
    [TestCase("put", 16, 4097)]
    [TestCase("put", 64, 10_000)]
    [TestCase("post", 64, 65536)]
    [TestCase("put", 1024, 1024)]
    [TestCase("put", 1024, 1025)]
    [TestCase("post", 1024, 65536)]
    public async Task What_it_put_it_gets_back(string method, int blockSize, int length)
    {
        var (sent, got) = (_folder.PathOf("sent"), _folder.PathOf("got"));
        var body = new byte[length];
        new Random(length).NextBytes(body);
        await File.WriteAllBytesAsync(sent, body);

        await RunAsync("-m", method, "-b", $"{blockSize}", "-f", sent);
        Assert.That(_kept.ToArray(), Is.EqualTo(body));

        await RunAsync("-b", $"{blockSize}", "-o", got);
        Assert.That(await File.ReadAllBytesAsync(got), Is.EqualTo(body));
    }

    [Test]
    public async Task It_understands_that_a_body_is_too_large()
    {
        var sent = _folder.PathOf("sent");
        await File.WriteAllBytesAsync(sent, new byte[65537]);

        Assert.That(await RunAsync("-m", "put", "-b", "1024", "-f", sent), Does.StartWith("4.13"));
        Assert.That(_kept.IsEmpty, Is.True);
    }

    private CoapResponse Keep(CoapRequest request)
    {
        if (request.Method == CoapCode.Get)
        {
            return new CoapResponse(CoapCode.Content) { Payload = _kept };
        }

        _kept = request.Payload;
        return new CoapResponse(CoapCode.Changed);
    }

    private Task<string> RunAsync(params string[] arguments) =>
        LibcoapClient.RunAsync($"coap://127.0.0.1:{_server.Server.LocalEndPoints[0].Port}/kept", arguments);
}
