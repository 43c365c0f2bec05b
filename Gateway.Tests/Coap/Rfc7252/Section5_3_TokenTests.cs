using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §5.3: every answer carries the token of its request, whatever it is.</summary>
internal sealed class Section5_3_TokenTests
{
    private TestServer _server = null!;

    [SetUp]
    public async Task SetUp() =>
        _server = await TestServer.StartAsync(new TestSite { ["/m"] = new TestResource(_ => new CoapResponse(CoapCode.Changed)) });

    [TearDown]
    public async Task TearDown() => await _server.DisposeAsync();

    [TestCase("")]
    [TestCase("00")]
    [TestCase("0000")]
    [TestCase("00000000")]
    [TestCase("0102030405060708")]
    [TestCase("ffffffffffffffff")]
    [TestCase("ff000000000000")]
    public void It_is_echoed_as_it_was(string token)
    {
        // Each Expect compares the token.
        using var device = new WirePeer(_server.Loopback()) { Token = Token.From(Convert.FromHexString(token)) };
        device.Send(CON, 1, POST, "/m").Expect(ACK, 1, "2.04").Send(NON, 2, POST, "/m").Expect(NON, "2.04");
        device.Send(CON, 3, GET, "/nowhere").Expect(ACK, 3, "4.04").Send(CON, 4, DELETE, "/m").Expect(ACK, 4, "4.05");
        device.Send(CON, 5, GET, "/m", "", new CoapOption(65001, default)).Expect(ACK, 5, "4.02");
    }

    [Test]
    public void It_is_echoed_in_a_separate_answer()
    {
        using var bench = new LayerBench();
        var answer = bench.HoldAnswers();
        bench.Device.Send(CON, 1, GET);
        bench.Advance(1.5);
        bench.Device.Expect(ACK, 1);
        answer.Give(new CoapResponse(CoapCode.Content));
        bench.Device.Expect(CON, "2.05");
    }

    [Test]
    public void Tokens_of_different_lengths_are_different()
    {
        Assert.That(Token.From([0]), Is.Not.EqualTo(Token.From([0, 0])));
        Assert.That(Token.From([]), Is.Not.EqualTo(Token.From([0])));
        Assert.That(Token.From([1, 2]).ToString(), Is.EqualTo("0102"));
    }

    [Test]
    public void Nine_bytes_are_no_token() => Assert.That(() => Token.From(new byte[9]), Throws.TypeOf<ArgumentOutOfRangeException>());
}
