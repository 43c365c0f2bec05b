using System.Net;
using System.Net.Sockets;
using Gateway.Coap;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap;

/// <summary>What is dropped without a word, and that each reason is counted where an operator sees it.</summary>
internal sealed class DropReasonTests
{
    private const string Dropped = "gateway.coap.dropped";

    private Meters _meters = null!;

    [SetUp]
    public void SetUp() => _meters = new Meters();

    [TearDown]
    public void TearDown() => _meters.Dispose();

    [TestCase("192.0.2.1:0")]
    [TestCase("[2001:db8::1]:0")]
    [TestCase("0.0.0.0:40000")]
    [TestCase("[::]:40000")]
    [TestCase("255.255.255.255:40000")]
    [TestCase("224.0.1.187:5683")]
    [TestCase("239.255.255.255:5683")]
    [TestCase("[ff02::fd]:5683")]
    [TestCase("[::ffff:224.0.1.187]:5683")]
    [TestCase("[::ffff:255.255.255.255]:5683")]
    public void What_nobody_can_have_sent_is_not_even_decoded(string source)
    {
        using var bench = new LayerBench(metrics: new CoapMetrics(_meters));
        var forger = bench.PeerAt(source);

        forger.Send(CON, 1, GET).Send(NON, 2, GET).Send(CON, 3).SendBytes([0x40, 1, 2, 3, 0xff]).ExpectSilence();

        Assert.That(bench.Handled, Is.Empty);
        Assert.That((_meters[$"{Dropped}/forged_source"], _meters["gateway.coap.malformed"]), Is.EqualTo((4, 0)));
    }

    [TestCase("192.0.2.255:40000")]
    [TestCase("223.255.255.255:1")]
    [TestCase("240.0.0.1:65535")]
    [TestCase("127.0.0.1:1")]
    [TestCase("[::1]:1")]
    [TestCase("[fe80::1%3]:1")]
    [TestCase("[fec0::1]:1")]
    public void Any_other_source_is_answered(string source)
    {
        using var bench = new LayerBench(metrics: new CoapMetrics(_meters));
        bench.PeerAt(source).Send(CON, 1, GET).Expect(ACK, 1, "2.04");
    }

    [Test]
    public void What_is_silenced_by_a_limit_is_counted_and_what_is_refused_aloud_is_not()
    {
        using var bench = new LayerBench(new CoapSettings { PeerRequestsPerSecond = 1, PeerBurst = 1 }, new CoapMetrics(_meters));
        bench.Device.Send(CON, 1, GET).Expect(ACK, 1, "2.04").Send(CON, 2, GET).Expect(ACK, 2, "4.29").Send(CON, 3, GET).Send(NON, 4, GET).ExpectSilence();

        Assert.That((_meters[$"{Dropped}/rate_limited"], _meters["gateway.coap.requests/4.29"]), Is.EqualTo((2, 1)));
    }

    [Test]
    public async Task What_comes_when_the_server_stops_is_counted()
    {
        using var bench = new LayerBench(metrics: new CoapMetrics(_meters));
        bench.Device.Send(CON, 1, GET).Expect(ACK, 1, "2.04");
        await bench.Layer.DrainAsync();

        bench.Device.Send(CON, 2, GET).Send(NON, 3, GET).ExpectSilence();
        bench.Device.Send(CON, 1, GET).Expect(ACK, 1, "2.04");
        Assert.That(_meters[$"{Dropped}/stopping"], Is.EqualTo(2), "a duplicate is not new");
    }

    // UDP has no larger datagram than a server's own buffer; so here it is smaller.
    [Test]
    [Platform("Linux")]
    public void What_is_larger_than_the_buffer_is_counted()
    {
        using var device = EndpointWith(addresses: IPAddress.Loopback, bufferSize: 64, out var endpoint);
        using (endpoint)
        {
            device.Send(CON, 1, GET, "", new string('x', 64)).Send(CON, 2, GET).Expect(ACK, 2, "2.04");
        }

        Assert.That(_meters[$"{Dropped}/too_large"], Is.EqualTo(1));
    }

    // Broadcast needs no group: 127.255.255.255 is that of the loopback's network.
    [Test]
    [Platform("Linux")]
    public void What_goes_to_a_whole_network_is_counted()
    {
        using var device = EndpointWith(addresses: IPAddress.Any, bufferSize: 2048, out var endpoint);
        using (endpoint)
        {
            using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { EnableBroadcast = true };
            sender.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            sender.SendTo([0x40, 1, 0, 1], new IPEndPoint(IPAddress.Parse("127.255.255.255"), endpoint.LocalEndPoint.Port));
            device.Send(CON, 2, GET).Expect(ACK, 2, "2.04");
            Assert.That(sender.Available, Is.Zero);
        }

        Assert.That(_meters[$"{Dropped}/to_group"], Is.EqualTo(1));
    }

    [Test]
    public void Every_reason_has_a_name_of_its_own()
    {
        using var bench = new LayerBench(metrics: new CoapMetrics(_meters));
        foreach (var reason in Enum.GetValues<DropReason>())
        {
            bench.Layer.Drop(bench.Device.Address, reason);
        }

        string[] names = ["forged_source", "to_group", "too_large", "rate_limited", "stopping"];
        Assert.That(names, Has.Length.EqualTo(Enum.GetValues<DropReason>().Length));
        Assert.That(names.Select(name => _meters[$"{Dropped}/{name}"]), Is.All.EqualTo(1));
    }

    private WirePeer EndpointWith(IPAddress addresses, int bufferSize, out CoapEndpoint endpoint)
    {
        var (log, time) = (new RecordedLog(), new FakeTimeProvider());
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(addresses, 0));
        if (!LinuxSocket.IsUsable(socket.SafeHandle, out var reason))
        {
            socket.Dispose();
            Assert.Ignore(reason);
        }

        var answer = new CoapResponse(CoapCode.Changed);
        endpoint = new CoapEndpoint(
            new BatchedSocket(socket, time, log, bufferSize),
            send => new MessageLayer(
                new CoapSettings(), TransmissionParameters.Default, time, new Random(5), new CoapMetrics(_meters), log,
                (in Peer _, MessageView _, MessageLayer _) => ValueTask.FromResult<CoapResponse?>(answer), send),
            log);
        endpoint.Start();
        return new WirePeer(new IPEndPoint(IPAddress.Loopback, endpoint.LocalEndPoint.Port));
    }
}
