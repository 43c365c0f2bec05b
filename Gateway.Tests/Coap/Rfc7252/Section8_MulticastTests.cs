using System.Net;
using System.Net.Sockets;
using Gateway.Coap;
using Gateway.Tests.Support;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §8: this server joins no group, so that nobody can have many of its kind answer at once.</summary>
internal sealed class Section8_MulticastTests
{
    // "All CoAP Nodes", §12.8.
    private static readonly IPAddress AllCoapNodes = IPAddress.Parse("224.0.1.187");

    private Meters _meters = null!;

    [SetUp]
    public void SetUp() => _meters = new Meters();

    [TearDown]
    public void TearDown() => _meters.Dispose();

    [TestCase(true)]
    [TestCase(false)]
    public async Task What_is_sent_to_all_CoAP_nodes_is_not_answered(bool batched) => await AssertIgnoredAsync("*", batched);

    // Where any program of the machine is in a group, Linux gives what comes for it to every socket of that port (ip(7), IP_MULTICAST_ALL).
    [Test]
    [Platform("Linux")]
    public async Task Nor_where_another_program_is_in_the_group([Values("*", "0.0.0.0")] string listener, [Values] bool batched)
    {
        using var member = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        member.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(AllCoapNodes, IPAddress.Loopback));

        await AssertIgnoredAsync(listener, batched);

        if (listener == "0.0.0.0")
        {
            Assert.That(_meters["gateway.coap.dropped/to_group"], Is.EqualTo(batched ? 1 : 0), "one drops it, to the other it is not given");
        }
    }

    // On the wire IPv6 would need an interface that takes part in groups, which the loopback does not.
    [TestCase("ff02::fd", true)]
    [TestCase("ff05::fd", true)]
    [TestCase("::ffff:224.0.1.187", true)]
    [TestCase("2001:db8::1", false)]
    [TestCase("::ffff:192.0.2.1", false)]
    public void The_address_that_was_asked_tells_a_group(string asked, bool toGroup)
    {
        var control = new byte[PacketInfo.MaxSize];
        PacketInfo.Write(control, new Peer(0, 1, 0, Local: Peer.From(new IPEndPoint(IPAddress.Parse(asked), 0)).Address), AddressFamily.InterNetworkV6);

        Assert.That(PacketInfo.Read(control).ToGroup, Is.EqualTo(toGroup));
    }

    private async Task AssertIgnoredAsync(string listener, bool batched)
    {
        var asked = 0;
        var site = new TestSite { ["/m"] = new TestResource(_ => { asked++; return new CoapResponse(CoapCode.Changed); }) };
        var settings = new CoapSettings { Addresses = [listener], Port = 0, BatchedIo = batched, Shards = 1 };
        await using var server = await TestServer.StartAsync(site, settings, metrics: new CoapMetrics(_meters));
        using var device = server.NewPeer();
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sender.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        sender.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, IPAddress.Loopback.GetAddressBytes());

        byte[] request = [0x50, 0x01, 0x00, 0x01, 0xb1, (byte)'m'];
        sender.SendTo(request, new IPEndPoint(AllCoapNodes, server.Loopback().Port));

        // What follows it on the same interface is served after it.
        device.Send(CON, 1, GET, "/m").Expect(ACK, 1, "2.04");
        Assert.That(asked, Is.EqualTo(1));
        Assert.That(sender.Available, Is.Zero);
    }
}
