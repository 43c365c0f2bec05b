using System.Net.Sockets;
using Gateway.Coap;
using Gateway.Tests.Support;
using Microsoft.Extensions.Logging;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap;

/// <summary>Where the server listens, what it says when it can't, how it stops, and what it counts.</summary>
[TestFixture(true)]
[TestFixture(false)]
internal sealed class ServerTests(bool batched)
{
    private static readonly TestSite Empty = [];

    private CoapSettings AllAddresses => new() { Port = 0, BatchedIo = batched };

    [Test]
    public async Task Port_0_picks_the_same_free_port_for_all_addresses()
    {
        await using var server = await TestServer.StartAsync(Empty, new CoapSettings { Addresses = ["127.0.0.1", "127.0.0.2"], Port = 0, BatchedIo = batched });

        var endPoints = server.Server.LocalEndPoints;
        Assert.That(endPoints.Select(endPoint => endPoint.Address.ToString()), Is.EqualTo(new[] { "127.0.0.1", "127.0.0.2" }));
        Assert.That(endPoints[0].Port, Is.GreaterThan(0).And.EqualTo(endPoints[1].Port));
        foreach (var endPoint in endPoints)
        {
            using var device = new WirePeer(endPoint);
            device.Send(CON, 1).Expect(RST, 1);
        }
    }

    [Test]
    public async Task The_start_up_line_says_where_it_listens()
    {
        await using var server = await TestServer.StartAsync(Empty, new CoapSettings { Addresses = ["127.0.0.1"], Port = 0, BatchedIo = batched });

        Assert.That(server.Log.At(LogLevel.Information), Does.Contain($"CoAP listens on coap://127.0.0.1:{server.Server.LocalEndPoints[0].Port}"));
    }

    [Test]
    public async Task One_socket_serves_both_families()
    {
        await using var server = await TestServer.StartAsync(Empty, AllAddresses);

        Assert.That(server.Server.LocalEndPoints, Has.Count.EqualTo(1));
        server.NewPeer(AddressFamily.InterNetwork).Send(CON, 1).Expect(RST, 1);
        server.NewPeer(AddressFamily.InterNetworkV6).Send(CON, 1).Expect(RST, 1);
    }

    [Test]
    public async Task A_port_that_is_taken_is_named_together_with_what_to_do()
    {
        await using var first = await TestServer.StartAsync(Empty, new CoapSettings { Addresses = ["127.0.0.1"], Port = 0, BatchedIo = batched });
        var port = first.Server.LocalEndPoints[0].Port;

        Assert.That(
            async () => await TestServer.StartAsync(Empty, new CoapSettings { Addresses = ["127.0.0.1"], Port = port, BatchedIo = batched }),
            Throws.TypeOf<CoapBindException>().With.Message.Contains("127.0.0.1").And.Message.Contains($"{port}").And.Message.Contains("coap.port"));
    }

    [TestCase("192.0.2.77", "no such address")]
    [TestCase("gateway.local", "no IP address")]
    public void An_address_that_is_not_there_is_named_together_with_what_to_do(string address, string reason) => Assert.That(
        async () => await TestServer.StartAsync(Empty, new CoapSettings { Addresses = ["127.0.0.1", address], Port = 0, BatchedIo = batched }),
        Throws.TypeOf<CoapBindException>().With.Message.Contains(address).And.Message.Contains(reason).And.Message.Contains("coap.addresses"));

    [Test]
    public async Task A_failed_start_leaves_no_socket_behind()
    {
        int port;
        await using (var first = await TestServer.StartAsync(Empty, new CoapSettings { Addresses = ["127.0.0.2"], Port = 0, BatchedIo = batched }))
        {
            port = first.Server.LocalEndPoints[0].Port;
            Assert.That(
                async () => await TestServer.StartAsync(Empty, new CoapSettings { Addresses = ["127.0.0.1", "127.0.0.2"], Port = port, BatchedIo = batched }),
                Throws.TypeOf<CoapBindException>());
        }

        await using var second = await TestServer.StartAsync(Empty, new CoapSettings { Addresses = ["127.0.0.1", "127.0.0.2"], Port = port, BatchedIo = batched });
        Assert.That(second.Server.LocalEndPoints, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Stopping_waits_for_the_answer_in_work()
    {
        var answer = new HeldAnswer();
        await using var server = await TestServer.StartAsync(new TestSite { ["/slow"] = new TestResource(async (_, _) => (await answer.Task)!) }, AllAddresses);
        var device = server.NewPeer();
        device.Send(CON, 1, GET, "/slow");
        device.Settle();

        var stopped = server.Server.StopAsync(CancellationToken.None);
        device.Send(CON, 2, GET, "/slow").ExpectSilence();
        answer.Give(new CoapResponse(CoapCode.Changed));

        device.Expect(ACK, 1, "2.04");
        await stopped;
    }

    [Test]
    public async Task Stopping_cancels_what_takes_too_long()
    {
        var cancelled = new TaskCompletionSource();
        var site = new TestSite
        {
            ["/never"] = new TestResource(async (_, cancellation) =>
            {
                await using var registration = cancellation.Register(() => cancelled.SetResult());
                await cancelled.Task;
                throw new OperationCanceledException(cancellation);
            }),
        };
        await using var server = await TestServer.StartAsync(site, AllAddresses);
        var device = server.NewPeer();
        device.Send(CON, 1, GET, "/never").ExpectSilence();

        await server.Server.StopAsync(new CancellationToken(canceled: true));

        device.Expect(ACK, 1, "5.03");
        Assert.That(cancelled.Task.IsCompleted, Is.True);
        Assert.That(server.Log.At(LogLevel.Warning), Has.Some.Contains("1 CoAP requests"));
    }

    [Test]
    public async Task Everything_is_counted()
    {
        using var meters = new Meters();
        await using (var server = await TestServer.StartAsync(Empty, AllAddresses, metrics: new CoapMetrics(meters)))
        {
            server.NewPeer().Send(CON, 1, GET, "/a").Expect(ACK, 1, "4.04").Send(CON, 1, GET, "/a").Expect(ACK, 1, "4.04")
                .Send(NON, 2, GET, "", "", new CoapOption(65001, default)).SendBytes([0x40]).ExpectSilence();
        }

        Assert.That(meters["gateway.coap.requests/4.04"], Is.EqualTo(1));
        Assert.That(meters["gateway.coap.requests/none"], Is.EqualTo(1));
        Assert.That(meters["gateway.coap.duplicates"], Is.EqualTo(1));
        Assert.That(meters["gateway.coap.malformed"], Is.GreaterThanOrEqualTo(1));
        Assert.That(meters["gateway.coap.datagrams"], Is.GreaterThanOrEqualTo(5));
    }
}
