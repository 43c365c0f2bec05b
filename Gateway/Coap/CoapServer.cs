using System.Net;
using System.Net.Sockets;

namespace Gateway.Coap;

/// <summary>The CoAP server: an endpoint for each address of the settings, all serving one site.</summary>
internal sealed class CoapServer(
    ICoapSite site, CoapSettings settings, TimeProvider time, Random random, CoapMetrics metrics, ILogger<CoapServer> log)
    : IHostedService, IDisposable
{
    // With a shard for every processor, none would be left for the scripts and the journal.
    private const int ProcessorsPerShard = 2;

    // What takes longer than this when the server stops is cancelled: its device will ask again.
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopping = new();
    private readonly List<CoapEndpoint> _endpoints = [];
    private readonly Observers _observers = new(settings, time, metrics, log);

    /// <summary>Where it listens, once it is started.</summary>
    public IReadOnlyList<IPEndPoint> LocalEndPoints => [.. _endpoints.Select(endpoint => endpoint.LocalEndPoint).Distinct()];

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

        // The parts of one transfer come to one socket; but its bounds are for all together.
        var blockwise = new BlockwiseServer(settings, TransmissionParameters.Default, time, metrics);
        var guard = new AmplificationGuard(settings, TransmissionParameters.Default, time, metrics, log);
        _endpoints.AddRange(sockets.Select(socket => EndpointOf(socket, blockwise, guard, sockets.Count)));
        _endpoints.ForEach(endpoint => endpoint.Start());
        foreach (var endPoint in LocalEndPoints)
        {
            log.Listening(endPoint);
            if (shards > 1)
            {
                log.Sharded(endPoint, shards);
            }
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
            var drained = Task.WhenAll(_endpoints.Select(endpoint => endpoint.DrainAsync()));
            await drained.WaitAsync(DrainTime, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            log.StoppedInWork(_endpoints.Sum(endpoint => endpoint.InWork));
        }

        _observers.Dispose();
        await _stopping.CancelAsync().ConfigureAwait(false);
        CloseEndpoints();
    }

    public void Dispose()
    {
        _observers.Dispose();
        CloseEndpoints();
        _stopping.Dispose();
    }

    private CoapEndpoint EndpointOf(Socket socket, BlockwiseServer blockwise, AmplificationGuard guard, int endpoints)
    {
        // Random is not thread-safe, and each endpoint has its own threads: so each has its own.
        var ownRandom = new Random(random.Next());
        var ownSettings = settings.SharedBy(endpoints);
        var requests = new RequestLayer(site, settings, blockwise, guard, _observers, time, log, _stopping.Token);
        ReceiveBuffer.Ask(socket, log);
        return new CoapEndpoint(
            Wrap(socket),
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
        var stopped = LocalEndPoints;
        _endpoints.ForEach(endpoint => endpoint.Dispose());
        _endpoints.Clear();
        foreach (var endPoint in stopped)
        {
            log.Stopped(endPoint);
        }
    }
}
