using System.Net;
using System.Net.Sockets;
using Gateway.Coap.Dtls;

namespace Gateway.Coap;

/// <summary>The CoAP server: an endpoint for each address of the settings, all serving one site.</summary>
internal sealed class CoapServer(
    ICoapSite site, CoapSettings settings, TimeProvider time, Random random, CoapMetrics metrics, ILogger<CoapServer> log,
    DtlsLayer? dtls = null)
    : IHostedService, IDisposable
{
    // With a shard for every processor, none would be left for the scripts and the journal.
    private const int ProcessorsPerShard = 2;

    // What takes longer than this when the server stops is cancelled: its device will ask again.
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopping = new();
    private readonly List<CoapEndpoint> _endpoints = [];
    private readonly List<CoapEndpoint> _secureEndpoints = [];
    private readonly Observers _observers = new(settings, time, metrics, log);

    /// <summary>Where it listens, once it is started.</summary>
    public IReadOnlyList<IPEndPoint> LocalEndPoints => [.. _endpoints.Select(endpoint => endpoint.LocalEndPoint).Distinct()];

    /// <summary>Where it listens for DTLS, once it is started.</summary>
    public IReadOnlyList<IPEndPoint> SecureEndPoints => [.. _secureEndpoints.Select(endpoint => endpoint.LocalEndPoint).Distinct()];

    private IEnumerable<CoapEndpoint> AllEndpoints => _endpoints.Concat(_secureEndpoints);

    /// <summary>How many sockets share each address.</summary>
    // Only where a socket is woken without a datagram, which could end up at its neighbour.
    private int Shards => !OperatingSystem.IsLinux() || !settings.BatchedIo ? 1
        : settings.Shards > 0 ? settings.Shards
        : Math.Max(1, Environment.ProcessorCount / ProcessorsPerShard);

    /// <summary>Binds all addresses, and listens.</summary>
    /// <exception cref="CoapBindException">An address can't be listened on; the message says which, why, and what to do.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var shards = Shards;
        var sockets = ListenSocket.BindAll(settings.Addresses, settings.Port, shards);
        var secureSockets = BindSecure(sockets, shards);
        var count = sockets.Count + secureSockets.Count;

        // The parts of one transfer come to one socket; but its bounds are for all together.
        var blockwise = new BlockwiseServer(settings, TransmissionParameters.Default, time, metrics);
        var guard = new AmplificationGuard(settings, TransmissionParameters.Default, time, metrics, log);
        _endpoints.AddRange(sockets.Select(socket => EndpointOf(socket, blockwise, guard, count, null)));
        _secureEndpoints.AddRange(secureSockets.Select(socket => EndpointOf(socket, blockwise, guard, count, dtls)));
        if (secureSockets.Count > 0)
        {
            dtls!.Start();
        }

        foreach (var endpoint in AllEndpoints)
        {
            endpoint.Start();
        }

        foreach (var endPoint in LocalEndPoints)
        {
            log.Listening(endPoint);
            if (shards > 1)
            {
                log.Sharded(endPoint, shards);
            }
        }

        foreach (var endPoint in SecureEndPoints)
        {
            log.ListeningSecurely(endPoint);
        }

        return Task.CompletedTask;
    }

    /// <summary>How many observations are kept up to date.</summary>
    public int Observers => _observers.Count;

    /// <summary>The resource at the path has a new state: whoever observes it is told. Returns before that is done. Called from any thread.</summary>
    public void Notify(IReadOnlyList<string> path) => _observers.Notify(path);

    /// <summary>The same, with the path as it stands in a URI, without percent-encoding: <c>/devices/cellar</c>.</summary>
    public void Notify(string path) => Notify(path.Split('/', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Takes no new requests, waits a little for those in work, and closes the sockets.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            var drained = Task.WhenAll(AllEndpoints.Select(endpoint => endpoint.DrainAsync()));
            await drained.WaitAsync(DrainTime, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            log.StoppedInWork(AllEndpoints.Sum(endpoint => endpoint.InWork));
        }

        _observers.Dispose();
        await _stopping.CancelAsync().ConfigureAwait(false);
        var wasSecure = _secureEndpoints.Count > 0;
        CloseEndpoints();
        if (wasSecure)
        {
            dtls!.Stop();
        }
    }

    public void Dispose()
    {
        _observers.Dispose();
        CloseEndpoints();
        _stopping.Dispose();
    }

    // Both ports or none.
    private IReadOnlyList<Socket> BindSecure(IReadOnlyList<Socket> sockets, int shards)
    {
        try
        {
            return dtls is not { Settings.Enabled: true } ? [] : ListenSocket.BindAll(settings.Addresses, dtls.Settings.Port, shards, "coap.dtls.port");
        }
        catch
        {
            foreach (var socket in sockets)
            {
                socket.Dispose();
            }

            throw;
        }
    }

    private CoapEndpoint EndpointOf(Socket socket, BlockwiseServer blockwise, AmplificationGuard guard, int endpoints, DtlsLayer? security)
    {
        // Random is not thread-safe, and each endpoint has its own threads: so each has its own.
        var ownRandom = new Random(random.Next());
        var ownSettings = settings.SharedBy(endpoints);
        var requests = new RequestLayer(site, settings, blockwise, guard, _observers, time, log, _stopping.Token, security);
        ReceiveBuffer.Ask(socket, log);
        return new CoapEndpoint(
            security?.Wrap(Wrap(socket)) ?? Wrap(socket),
            send => new MessageLayer(
                ownSettings, TransmissionParameters.Default, time, ownRandom, metrics, log, requests.AnswerAsync, send)
            {
                MayRepeat = guard.MayRepeat,
            },
            log);
    }

    private IDatagramSocket Wrap(Socket socket)
    {
        if (!settings.BatchedIo || !OperatingSystem.IsLinux())
        {
            return new PortableSocket(socket, log);
        }

        if (LinuxSocket.IsUsable(socket.SafeHandle, out var reason))
        {
            return new BatchedSocket(socket, time, log);
        }

        log.NotBatched((IPEndPoint)socket.LocalEndPoint!, reason);
        return new PortableSocket(socket, log);
    }

    private void CloseEndpoints()
    {
        var (stopped, stoppedSecure) = (LocalEndPoints, SecureEndPoints);
        foreach (var endpoint in AllEndpoints)
        {
            endpoint.Dispose();
        }

        _endpoints.Clear();
        _secureEndpoints.Clear();
        foreach (var endPoint in stoppedSecure)
        {
            log.StoppedSecurely(endPoint);
        }

        foreach (var endPoint in stopped)
        {
            log.Stopped(endPoint);
        }
    }
}
