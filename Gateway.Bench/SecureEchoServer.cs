using System.Diagnostics.Metrics;
using Gateway.Coap;
using Gateway.Coap.Dtls;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Bench;

/// <summary><c>serve-secure</c>: the engine alone, with DTLS and beside it without, for <see cref="SecureRates"/>. Each line it is given is answered with what it has.</summary>
internal static class SecureEchoServer
{
    /// <summary>The identity and the key of whoever asks.</summary>
    public const string Identity = "bench";

    /// <summary>Serves until its input ends.</summary>
    public static async Task RunAsync()
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();

        // One address may do all there is to do: the load comes from few.
        var settings = new CoapSettings
        {
            Addresses = ["127.0.0.1"],
            Port = 0,
            Shards = 1,
            MaxExchanges = 50_000,
            PeerRequestsPerSecond = 0,
            PrefixRequestsPerSecond = 0,
        };
        var secure = new DtlsSettings { Enabled = true, Port = 0, HandshakesPerSecond = 0, PrefixHandshakesPerSecond = 0 };
        using var layer = new DtlsLayer(secure, new OneKey(), new OneKey(), TimeProvider.System, new DtlsMetrics(meters), NullLogger<DtlsLayer>.Instance);
        using var server = new CoapServer(new EchoSite(), settings, TimeProvider.System, new Random(), new CoapMetrics(meters), NullLogger<CoapServer>.Instance, layer);
        await server.StartAsync(CancellationToken.None);
        Console.WriteLine($"{server.LocalEndPoints[0].Port} {server.SecureEndPoints[0].Port}");
        while (Console.ReadLine() is not null)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{GC.GetTotalMemory(forceFullCollection: true)} {layer.Associations.Count} {layer.Handshakes.Count} {layer.Metrics.CountOf(DtlsDrop.Forged)} {layer.Metrics.CountOf(DtlsDrop.HeldBack)}"));
        }

        await server.StopAsync(CancellationToken.None);
    }

    private sealed class OneKey : IDtlsKeys, IDtlsCertificates
    {
        private static readonly PreSharedKey[] Keys = [new("bench", SecureBenchDevice.Security.Key)];

        public IReadOnlyList<PreSharedKey> Find(string identity) => identity == Identity ? Keys : [];

        public PinnedCertificate? Find(CertificateFingerprint fingerprint) => null;
    }
}
