using System.Net;
using System.Net.Sockets;
using Gateway.Coap;
using Gateway.Tests.Support;
using Microsoft.Extensions.Logging;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap;

/// <summary>Several sockets on one address: every device is served, a duplicate finds its exchange, and the port is nobody else's.</summary>
[Platform("Linux")]
internal sealed class ShardTests
{
    private static readonly TestSite Empty = [];

    [TestCase("*")]
    [TestCase("127.0.0.1")]
    public async Task Every_device_stays_with_its_socket(string address)
    {
        var handled = 0;
        var site = new TestSite { ["/count"] = new TestResource(_ => CoapResponse.Error(CoapCode.Content, $"{Interlocked.Increment(ref handled)}")) };
        await using var server = await TestServer.StartAsync(site, Sharded(address, 4));

        for (var number = 0; number < 40; number++)
        {
            var device = server.NewPeer();
            device.Send(CON, 1, GET, "/count").Expect(ACK, 1, "2.05");
            var first = device.LastDatagram;
            device.Send(CON, 1, GET, "/count").Expect(ACK, 1, "2.05");
            Assert.That(device.LastDatagram, Is.EqualTo(first));
        }

        Assert.That(handled, Is.EqualTo(40));
    }

    [Test]
    public async Task They_share_one_free_port_and_are_announced_once_for_each_address()
    {
        await using var server = await TestServer.StartAsync(Empty, new CoapSettings { Addresses = ["127.0.0.1", "127.0.0.2"], Port = 0, Shards = 3 });

        var endPoints = server.Server.LocalEndPoints;
        Assert.That(endPoints.Select(endPoint => endPoint.Address.ToString()), Is.EqualTo(new[] { "127.0.0.1", "127.0.0.2" }));
        Assert.That(endPoints[0].Port, Is.GreaterThan(0).And.EqualTo(endPoints[1].Port));
        Assert.That(
            server.Log.At(LogLevel.Information),
            Has.One.EqualTo($"CoAP listens on coap://{endPoints[0]}").And.One.EqualTo($"coap://{endPoints[0]} is served by 3 sockets"));
    }

    [TestCase(1, 3)]
    [TestCase(3, 1)]
    [TestCase(3, 3)]
    public async Task A_second_server_does_not_get_the_port(int ours, int theirs)
    {
        await using var first = await TestServer.StartAsync(Empty, Sharded("127.0.0.1", ours));

        Assert.That(
            async () => await TestServer.StartAsync(Empty, Sharded("127.0.0.1", theirs) with { Port = first.Server.LocalEndPoints[0].Port }),
            Throws.TypeOf<CoapBindException>().With.Message.Contains("coap.port"));
    }

    [Test]
    public async Task All_of_them_end_when_the_server_stops()
    {
        int port;
        await using (var server = await TestServer.StartAsync(Empty, Sharded("127.0.0.1", 4)))
        {
            port = server.Server.LocalEndPoints[0].Port;
        }

        using var successor = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        Assert.That(() => successor.Bind(new IPEndPoint(IPAddress.Loopback, port)), Throws.Nothing);
    }

    [Test]
    public void A_receive_buffer_that_the_kernel_cuts_is_told_together_with_the_command_that_helps()
    {
        var log = new RecordedLog();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        // No kernel gives that much: it keeps the doubled number in 31 bits.
        ReceiveBuffer.Ask(socket, log, int.MaxValue);

        Assert.That(log.At(LogLevel.Warning), Has.One.Contains($"sysctl -w net.core.rmem_max={int.MaxValue}"));
    }

    [Test]
    public void A_receive_buffer_that_is_granted_is_nothing_to_speak_of()
    {
        var log = new RecordedLog();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        ReceiveBuffer.Ask(socket, log, 65536);

        Assert.That(log.Entries, Is.Empty);
        Assert.That(socket.ReceiveBufferSize, Is.EqualTo(2 * 65536));
    }

    private static CoapSettings Sharded(string address, int shards) => new() { Addresses = [address], Port = 0, Shards = shards };
}
