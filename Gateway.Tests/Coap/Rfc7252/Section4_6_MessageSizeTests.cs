using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §4.6: how large a message may be, on its way in and on its way out.</summary>
[TestFixture(true)]
[TestFixture(false)]
internal sealed class Section4_6_MessageSizeTests(bool batched)
{
    private TestServer _server = null!;
    private WirePeer _device = null!;
    private int _seen;

    [SetUp]
    public async Task SetUp()
    {
        _seen = 0;
        var site = new TestSite
        {
            ["/m"] = new TestResource(Measure),
            ["/huge"] = new TestResource(_ => new CoapResponse(CoapCode.Content) { Payload = new byte[BlockCut.MaxBodySize + 1] }),
        };
        _server = await TestServer.StartAsync(site, new CoapSettings { Port = 0, BatchedIo = batched });
        _device = _server.NewPeer();
    }

    [TearDown]
    public async Task TearDown()
    {
        _device.Dispose();
        await _server.DisposeAsync();
    }

    [TestCase(1)]
    [TestCase(1024, Description = "what §4.6 suggests to assume when nothing is known")]
    [TestCase(1472, Description = "the most that passes an Ethernet in one piece")]
    [TestCase(8192, Description = "IP has to take it to pieces")]
    public void What_the_settings_allow_arrives_whole(int length)
    {
        _device.Send(CON, 1, POST, "/m", new string('x', length)).Expect(ACK, 1, "2.04");
        Assert.That(_seen, Is.EqualTo(length));
    }

    [Test]
    public void What_is_larger_is_answered_4_13_and_never_cut()
    {
        _device.Send(CON, 1, POST, "/m", new string('x', 8193)).Expect(ACK, 1, "4.13");
        Assert.That(_seen, Is.Zero);
    }

    [Test]
    public void The_largest_datagram_is_taken_apart_like_any_other()
    {
        byte[] header = [0x42, 0x02, 0x12, 0x34, 0xca, 0xfe, 0xb1, (byte)'m', OptionReader.PayloadMarker];
        _device.SendBytes([.. header, .. new byte[CoapCodec.MaxDatagramSize - header.Length]]).Expect(ACK, 0x1234, "4.13");
    }

    [Test]
    public void An_answer_that_fits_neither_a_datagram_nor_blocks_is_answered_5_00_and_logged()
    {
        _device.Send(CON, 1, GET, "/huge").Expect(ACK, 1, "5.00");
        Assert.That(_server.Log.TakeErrors(), Has.Exactly(1).Contains("/huge"));
    }

    private CoapResponse Measure(CoapRequest request)
    {
        _seen = request.Payload.Length;
        return new CoapResponse(CoapCode.Changed);
    }
}
