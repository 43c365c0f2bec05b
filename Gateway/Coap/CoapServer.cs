using System.Net;
using System.Net.Sockets;

namespace Gateway.Coap;

/// <summary>The CoAP server: an endpoint for each address of the settings, all serving one site.</summary>
internal sealed class CoapServer(
    ICoapSite site, CoapSettings settings, TimeProvider time, Random random, CoapMetrics metrics, ILogger<CoapServer> log)
    : IHostedService, IDisposable
{
    // The default holds some 250 small datagrams, which is nothing when thousands of devices wake on the full hour.
    private const int WantedReceiveBuffer = 8 * 1024 * 1024;

    // What takes longer than this when the server stops is cancelled: its device will ask again.
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopping = new();
    private readonly List<CoapEndpoint> _endpoints = [];

    /// <summary>Where it listens, once it is started.</summary>
    public IReadOnlyList<IPEndPoint> LocalEndPoints => [.. _endpoints.Select(endpoint => endpoint.LocalEndPoint)];

    /// <summary>Binds all addresses, and listens.</summary>
    /// <exception cref="CoapBindException">An address can't be listened on; the message says which, why, and what to do.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var sockets = ListenSocket.BindAll(settings.Addresses, settings.Port);
        var requests = new RequestLayer(site, settings, time, log, _stopping.Token);
        _endpoints.AddRange(sockets.Select(socket => EndpointOf(socket, requests, settings.MaxExchanges / sockets.Count)));
        foreach (var endpoint in _endpoints)
        {
            endpoint.Start();
            log.Listening(endpoint.LocalEndPoint);
        }

        return Task.CompletedTask;
    }

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

        await _stopping.CancelAsync().ConfigureAwait(false);
        CloseEndpoints();
    }

    public void Dispose()
    {
        CloseEndpoints();
        _stopping.Dispose();
    }

    private CoapEndpoint EndpointOf(Socket socket, RequestLayer requests, int maxExchanges)
    {
        // Random is not thread-safe, and each endpoint has its own threads: so each has its own.
        var ownRandom = new Random(random.Next());
        var ownSettings = settings with { MaxExchanges = Math.Max(1, maxExchanges) };
        AskForReceiveBuffer(socket);
        return new CoapEndpoint(
            Wrap(socket),
            send => new MessageLayer(
                ownSettings, TransmissionParameters.Default, time, ownRandom, metrics, log, requests.AnswerAsync, send),
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

    private void AskForReceiveBuffer(Socket socket)
    {
        socket.ReceiveBufferSize = WantedReceiveBuffer;
        if (socket.ReceiveBufferSize is var granted && granted < WantedReceiveBuffer)
        {
            log.SmallReceiveBuffer((IPEndPoint)socket.LocalEndPoint!, granted, WantedReceiveBuffer);
        }
    }

    private void CloseEndpoints()
    {
        foreach (var endpoint in _endpoints)
        {
            endpoint.Dispose();
            log.Stopped(endpoint.LocalEndPoint);
        }

        _endpoints.Clear();
    }
}
