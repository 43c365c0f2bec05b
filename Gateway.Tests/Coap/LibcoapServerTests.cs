using System.Text;
using Gateway.Coap;
using Gateway.Tests.Support;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap;

/// <summary>Our client asks libcoap's own server: an implementation that we did not write.</summary>
internal sealed class LibcoapServerTests
{
    private LibcoapServer _server = null!;
    private CoapClient _client = null!;

    [SetUp]
    public async Task SetUp()
    {
        _server = await LibcoapServer.StartAsync();
        _client = new CoapClient(TimeProvider.System, new Random(3));
    }

    [TearDown]
    public void TearDown()
    {
        _client.Dispose();
        _server.Dispose();
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task It_tells_the_time(bool confirmable)
    {
        var answer = await _client.SendAsync(new ClientRequest(GET, _server.Uri("/time")) { Confirmable = confirmable }, CancellationToken.None);

        Assert.That(answer.Type, Is.EqualTo(confirmable ? ACK : NON));
        Assert.That(answer.Code, Is.EqualTo(CoapCode.Content));
        Assert.That(Encoding.UTF8.GetString(answer.Payload.Span), Does.Match(@"\d\d:\d\d:\d\d"));
    }

    [Test]
    public async Task It_answers_later()
    {
        var answer = await SendAsync(GET, "/async?1");

        Assert.That((answer.Code, Encoding.UTF8.GetString(answer.Payload.Span)), Is.EqualTo((CoapCode.Content, "done")));
    }

    [Test]
    public async Task It_says_what_there_is()
    {
        var answer = await SendAsync(GET, "/.well-known/core", blockSize: 16);

        Assert.That(Encoding.UTF8.GetString(answer.Payload.Span), Does.Contain("</time>"));
    }

    [Test]
    public async Task A_resource_can_be_made_changed_and_deleted()
    {
        Assert.That((await SendAsync(GET, "/new")).Code, Is.EqualTo(CoapCode.NotFound));
        Assert.That((await SendAsync(PUT, "/new", "one"u8.ToArray())).Code, Is.EqualTo(CoapCode.Created));
        Assert.That((await SendAsync(PUT, "/new", "two"u8.ToArray())).Code, Is.EqualTo(CoapCode.Changed));
        Assert.That(Encoding.UTF8.GetString((await SendAsync(GET, "/new")).Payload.Span), Is.EqualTo("two"));
        Assert.That((await SendAsync(DELETE, "/new")).Code, Is.EqualTo(CoapCode.Deleted));
        Assert.That((await SendAsync(GET, "/new")).Code, Is.EqualTo(CoapCode.NotFound));
    }

    [TestCase(16, 1000)]
    [TestCase(16, 65536)]
    [TestCase(64, 1000)]
    [TestCase(64, 65536)]
    [TestCase(1024, 1024)]
    [TestCase(1024, 1025)]
    [TestCase(1024, 65536)]
    public async Task A_large_body_goes_there_in_blocks_and_comes_back(int blockSize, int length)
    {
        var body = new byte[length];
        new Random(length).NextBytes(body);

        var put = await SendAsync(PUT, "/example_data", body, blockSize);
        var got = await SendAsync(GET, "/example_data", blockSize: blockSize);

        Assert.That(put.Code.Class, Is.EqualTo(2), put.Code.ToString());
        Assert.That(got.Code, Is.EqualTo(CoapCode.Content));
        Assert.That(got.Payload.ToArray(), Is.EqualTo(body));
    }

    private Task<CoapMessage> SendAsync(CoapCode method, string path, byte[]? body = null, int? blockSize = null) =>
        _client.SendAsync(new ClientRequest(method, _server.Uri(path)) { Payload = body, BlockSize = blockSize }, CancellationToken.None);
}
