using System.Net;
using System.Net.Sockets;
using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §8: this server joins no group, so that nobody can have many of its kind answer at once.</summary>
internal sealed class Section8_MulticastTests
{
    // "All CoAP Nodes", §12.8.
    private static readonly IPAddress AllCoapNodes = IPAddress.Parse("224.0.1.187");

    [TestCase(true)]
    [TestCase(false)]
    public async Task What_is_sent_to_all_CoAP_nodes_is_not_answered(bool batched)
    {
        var asked = 0;
        var site = new TestSite { ["/m"] = new TestResource(_ => { asked++; return new CoapResponse(CoapCode.Changed); }) };
        await using var server = await TestServer.StartAsync(site, new CoapSettings { Port = 0, BatchedIo = batched });
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
