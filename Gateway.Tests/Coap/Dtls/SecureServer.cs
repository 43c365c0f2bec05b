using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using Gateway.Coap;
using Gateway.Coap.Dtls;
using Gateway.Tests.Support;

namespace Gateway.Tests.Coap.Dtls;

/// <summary>A whole server with DTLS on a free port of the loopback address, whose <c>/who</c> tells who asks.</summary>
internal sealed class SecureServer : IAsyncDisposable
{
    private int _asked;

    private SecureServer(CoapServer server, DtlsLayer layer, RecordedLog<CoapServer> log, RecordedLog<DtlsLayer> dtlsLog, TestKeys keys) =>
        (Server, Layer, Log, DtlsLog, Keys) = (server, layer, log, dtlsLog, keys);

    public CoapServer Server { get; }

    public DtlsLayer Layer { get; }

    public RecordedLog<CoapServer> Log { get; }

    public RecordedLog<DtlsLayer> DtlsLog { get; }

    public TestKeys Keys { get; }

    public IPEndPoint EndPoint => new(IPAddress.Loopback, Server.SecureEndPoints[0].Port);

    /// <summary>How many requests came to the site.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public static async Task<SecureServer> StartAsync(
        DtlsSettings? dtls = null, CoapSettings? coap = null, TimeProvider? time = null, IMeterFactory? meters = null,
        ISessionVault? vault = null, int port = 0, TestKeys? known = null)
    {
        var keys = known ?? new TestKeys();
        var (log, dtlsLog) = (new RecordedLog<CoapServer>(), new RecordedLog<DtlsLayer>());
        var clock = time ?? TimeProvider.System;
        var metrics = meters ?? LoneMeters.Instance;
        var settings = (coap ?? new CoapSettings()) with { Port = 0, Addresses = ["127.0.0.1"] };
        var layer = new DtlsLayer((dtls ?? new DtlsSettings()) with { Enabled = true, Port = port }, keys, keys, clock, new DtlsMetrics(metrics), dtlsLog, vault);
        SecureServer? secure = null;
        var site = new TestSite
        {
            ["/who"] = new TestResource(request =>
            {
                Interlocked.Increment(ref secure!._asked);
                return new CoapResponse(CoapCode.Content) { Payload = System.Text.Encoding.UTF8.GetBytes($"{request.Identity?.Owner}|{request.Payload.Length}") };
            }),
            ["/large"] = new TestResource(_ => new CoapResponse(CoapCode.Content) { Payload = new byte[5000] }),
        };
        var server = new CoapServer(site, settings, clock, new Random(11), new CoapMetrics(metrics), log, layer);
        await server.StartAsync(CancellationToken.None);
        secure = new SecureServer(server, layer, log, dtlsLog, keys);
        return secure;
    }

    public string Uri(string path) => $"coaps://{EndPoint}{path}";

    /// <summary>Ends the server as a loss of power does, as far as its sessions can tell.</summary>
    public void Crash()
    {
        Server.Dispose();
        Layer.Dispose();
    }

    /// <summary>Stops the server, which was to log no error.</summary>
    public async ValueTask DisposeAsync()
    {
        await Server.StopAsync(CancellationToken.None);
        Server.Dispose();
        Layer.Dispose();
        Log.ExpectNoErrors();
        DtlsLog.ExpectNoErrors();
    }
}

/// <summary>Keys that a test gives out.</summary>
internal sealed class TestKeys : IDtlsKeys, IDtlsCertificates
{
    private readonly Dictionary<string, PreSharedKey[]> _keys = new()
    {
        ["sensor-1"] = [new PreSharedKey("device-1", "correct horse"u8.ToArray())],
    };

    /// <summary>Whose certificates are known by themselves.</summary>
    public ConcurrentDictionary<CertificateFingerprint, PinnedCertificate> Pins { get; } = new();

    /// <summary>An identity whose keys are there for the first who asks, and then no more; null once they are gone.</summary>
    public string? TakeAfterFirst { get; set; }

    public PreSharedKey[] this[string identity]
    {
        set => _keys[identity] = value;
    }

    public PinnedCertificate? Find(CertificateFingerprint fingerprint) => Pins.TryGetValue(fingerprint, out var pin) ? pin : null;

    public IReadOnlyList<PreSharedKey> Find(string identity)
    {
        var keys = _keys.GetValueOrDefault(identity) ?? [];
        if (identity == TakeAfterFirst)
        {
            TakeAfterFirst = null;
            _keys.Remove(identity);
        }

        return keys;
    }
}
