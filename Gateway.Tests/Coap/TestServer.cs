using System.Net;
using System.Net.Sockets;
using Gateway.Coap;
using Gateway.Tests.Support;

namespace Gateway.Tests.Coap;

/// <summary>A whole server on a free port of the loopback addresses, and devices that talk to it.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly List<WirePeer> _peers = [];

    private TestServer(CoapServer server, RecordedLog<CoapServer> log) => (Server, Log) = (server, log);

    public CoapServer Server { get; }

    public RecordedLog<CoapServer> Log { get; }

    public static async Task<TestServer> StartAsync(
        ICoapSite site, CoapSettings? settings = null, TimeProvider? time = null, CoapMetrics? metrics = null)
    {
        var log = new RecordedLog<CoapServer>();
        var server = new CoapServer(
            site, settings ?? new CoapSettings { Port = 0 }, time ?? TimeProvider.System, new Random(11), metrics ?? Metrics.Unobserved(), log);
        await server.StartAsync(CancellationToken.None);
        return new TestServer(server, log);
    }

    /// <summary>Where the server is reached over a family's loopback address.</summary>
    public IPEndPoint Loopback(AddressFamily family = AddressFamily.InterNetwork) =>
        new(family == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback, Server.LocalEndPoints[0].Port);

    public WirePeer NewPeer(AddressFamily family = AddressFamily.InterNetwork)
    {
        if (family == AddressFamily.InterNetworkV6 && !Socket.OSSupportsIPv6)
        {
            Assert.Ignore("this machine has no IPv6");
        }

        var peer = new WirePeer(Loopback(family));
        _peers.Add(peer);
        return peer;
    }

    /// <summary>Stops the server, which was to log no error.</summary>
    public async ValueTask DisposeAsync()
    {
        _peers.ForEach(peer => peer.Dispose());
        await Server.StopAsync(CancellationToken.None);
        Server.Dispose();
        Log.ExpectNoErrors();
    }
}
