using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Gateway.Coap;
using Microsoft.Extensions.Time.Testing;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap;

/// <summary>A machine with several addresses answers from the one that was asked; a device's own socket, or a NAT, drops anything else.</summary>
[Platform("Linux")]
internal sealed class SourceAddressTests
{
    // A device is connected to the address that it asks, so that it hears no other.
    [TestCase("*", "127.0.0.1")]
    [TestCase("*", "127.0.0.2")]
    [TestCase("*", "::1")]
    [TestCase("0.0.0.0", "127.0.0.1")]
    [TestCase("0.0.0.0", "127.0.0.2")]
    [TestCase("127.0.0.2", "127.0.0.2")]
    public async Task What_is_answered_at_once_comes_from_the_address_that_was_asked(string listener, string asked)
    {
        await using var server = await TestServer.StartAsync(new TestSite(), new CoapSettings { Addresses = [listener], Port = 0 });
        using var device = DeviceAt(server, asked);

        device.Send(CON, 1, GET, "/nowhere").Expect(ACK, 1, "4.04").Send(CON, 1, GET, "/nowhere").Expect(ACK, 1, "4.04").Send(CON, 2).Expect(RST, 2);
    }

    [Test]
    public async Task What_is_answered_later_comes_from_there_too([Values("127.0.0.1", "127.0.0.2", "::1")] string asked)
    {
        var answer = new HeldAnswer();
        var time = new FakeTimeProvider();
        var site = new TestSite { ["/slow"] = new TestResource(async (_, _) => (await answer.Task)!) };
        await using var server = await TestServer.StartAsync(site, time: time);
        using var device = DeviceAt(server, asked);

        device.Send(CON, 1, GET, "/slow");
        device.Settle();
        time.Advance(TimeSpan.FromSeconds(1.5));
        device.Expect(ACK, 1);
        answer.Give(new CoapResponse(CoapCode.Changed));
        device.Expect(CON, "2.04");
        time.Advance(TimeSpan.FromSeconds(3));
        device.Expect(CON, "2.04").Send(ACK, device.Last.Id);
        device.Settle();
    }

    [Test]
    public void An_address_that_is_gone_is_left_to_the_kernel([Values] bool late)
    {
        using var device = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 10_000 };
        device.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        listener.Bind(new IPEndPoint(IPAddress.Any, 0));
        using var socket = new BatchedSocket(listener, TimeProvider.System, new Support.RecordedLog());
        var peer = Peer.From((IPEndPoint)device.LocalEndPoint!) with { Local = Peer.From(IPEndPoint.Parse("192.0.2.1:0")).Address };

        device.SendTo([0], new IPEndPoint(IPAddress.Loopback, socket.LocalEndPoint.Port));
        socket.Receive(new Receiver((_, _) =>
        {
            if (!late)
            {
                socket.Send(peer, [7]);
            }
        }));
        if (late)
        {
            OnAnotherThread(() => socket.Send(peer, [7]));
        }

        var buffer = new byte[16];
        Assert.That(buffer[..device.Receive(buffer)], Is.EqualTo(new byte[] { 7 }));
    }

    [Test]
    public void A_link_local_address_goes_with_its_interface_or_not_at_all()
    {
        var local = Peer.From(IPEndPoint.Parse("[fe80::1]:0")).Address;
        var peer = Peer.From(IPEndPoint.Parse("[fe80::2%7]:5683")) with { Local = local };
        var control = new byte[PacketInfo.MaxSize];

        Assert.That(PacketInfo.Write(control, peer, AddressFamily.InterNetworkV6), Is.EqualTo(40));
        Assert.That(PacketInfo.Read(control), Is.EqualTo((local, false)));
        Assert.That(BinaryPrimitives.ReadInt32LittleEndian(control.AsSpan(32)), Is.EqualTo(7));
        Assert.That(PacketInfo.Write(control, peer with { Scope = 0 }, AddressFamily.InterNetworkV6), Is.Zero);
    }

    private static void OnAnotherThread(Action action)
    {
        var thread = new Thread(() => action());
        thread.Start();
        thread.Join();
    }

    private static WirePeer DeviceAt(TestServer server, string asked)
    {
        var address = IPAddress.Parse(asked);
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && !Socket.OSSupportsIPv6)
        {
            Assert.Ignore("this machine has no IPv6");
        }

        return new WirePeer(new IPEndPoint(address, server.Server.LocalEndPoints[0].Port));
    }
}
