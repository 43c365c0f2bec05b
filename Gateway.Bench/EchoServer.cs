using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using Gateway.Coap;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Bench;

/// <summary><c>serve-echo</c>: the engine alone on a loopback port, until it is told to end, for <c>compare.py</c> and <c>coapload</c>.</summary>
internal static class EchoServer
{
    /// <param name="port">The UDP port.</param>
    /// <param name="shards">How many sockets share it.</param>
    /// <param name="exchanges">How many requests are remembered.</param>
    public static async Task RunAsync(int port, int shards, int exchanges)
    {
        using var ended = new ManualResetEventSlim();
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => End(signal, ended));
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => End(signal, ended));
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();

        // One peer may ask all there is to ask: the load comes from few sockets.
        var settings = new CoapSettings
        {
            Addresses = ["127.0.0.1"],
            Port = port,
            Shards = shards,
            MaxExchanges = exchanges,
            PeerRequestsPerSecond = 0,
            PrefixRequestsPerSecond = 0,
        };
        var metrics = new CoapMetrics(services.GetRequiredService<IMeterFactory>());
        using var server = new CoapServer(new EchoSite(), settings, TimeProvider.System, new Random(), metrics, NullLogger<CoapServer>.Instance);
        await server.StartAsync(CancellationToken.None);
        Console.WriteLine($"coap://{server.LocalEndPoints[0]}/m");
        var before = GC.GetTotalAllocatedBytes();
        ended.Wait();
        await server.StopAsync(CancellationToken.None);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{GC.GetTotalAllocatedBytes() - before} bytes allocated, {GC.CollectionCount(0)} collections"));
    }

    private static void End(PosixSignalContext signal, ManualResetEventSlim ended)
    {
        signal.Cancel = true;
        ended.Set();
    }
}
