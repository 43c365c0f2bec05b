using System.Net.Sockets;
using Gateway.Coap;
using Microsoft.Extensions.Time.Testing;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap;

/// <summary>The message layer through a real socket; the clock is the test's.</summary>
[TestFixture(AddressFamily.InterNetwork, true)]
[TestFixture(AddressFamily.InterNetworkV6, true)]
[TestFixture(AddressFamily.InterNetwork, false)]
[TestFixture(AddressFamily.InterNetworkV6, false)]
internal sealed class WireTests(AddressFamily family, bool batched)
{
    private HeldAnswer _slow = null!;
    private FakeTimeProvider _time = null!;
    private TestServer _server = null!;
    private WirePeer _device = null!;
    private int _handled;

    [SetUp]
    public async Task SetUp()
    {
        _handled = 0;
        _slow = new HeldAnswer();
        _time = new FakeTimeProvider();
        var site = new TestSite
        {
            ["/count"] = new TestResource(_ => CoapResponse.Error(CoapCode.Content, $"{Interlocked.Increment(ref _handled)}")),
            ["/slow"] = new TestResource(async (_, _) => (await _slow.Task)!),
        };
        _server = await TestServer.StartAsync(site, new CoapSettings { Port = 0, BatchedIo = batched }, _time);
        _device = _server.NewPeer(family);
    }

    [TearDown]
    public async Task TearDown()
    {
        _device.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public void A_ping_is_answered() => _device.Send(CON, 0x1234).Expect(RST, 0x1234);

    [Test]
    public void A_duplicate_gets_the_same_bytes_and_the_handler_ran_once()
    {
        _device.Send(CON, 1, GET, "/count").Expect(ACK, 1, "2.05");
        var first = _device.LastDatagram;
        _device.Send(CON, 1, GET, "/count").Expect(ACK, 1, "2.05");

        Assert.That(_device.LastDatagram, Is.EqualTo(first));
        Assert.That(_handled, Is.EqualTo(1));
    }

    [Test]
    public void A_slow_handler_is_acknowledged_and_its_answer_repeated_until_that_is_acknowledged_too()
    {
        _device.Send(CON, 1, GET, "/slow");
        _device.Settle();
        _time.Advance(TimeSpan.FromSeconds(1.5));
        _device.Expect(ACK, 1);

        _slow.Give(new CoapResponse(CoapCode.Changed));
        _device.Expect(CON, "2.04");
        var first = _device.LastDatagram;
        _time.Advance(TimeSpan.FromSeconds(3));
        _device.Expect(CON, "2.04");
        Assert.That(_device.LastDatagram, Is.EqualTo(first));

        _device.Send(ACK, _device.Last.Id);
        _device.Settle();
        _time.Advance(TimeSpan.FromSeconds(60));
        _device.ExpectSilence();
    }

    [Test]
    public void Many_devices_are_served_at_once()
    {
        Parallel.For(0, 20, number =>
        {
            // A later device may be given the port of an earlier one; by its token it is still another.
            using var device = new WirePeer(_server.Loopback(family)) { Token = Token.From([(byte)number]) };
            for (var id = 0; id < 50; id++)
            {
                device.Send(CON, id, GET, "/count").Expect(ACK, id, "2.05");
            }
        });

        Assert.That(_handled, Is.EqualTo(1000));
    }
}
