using System.Net;
using System.Net.Sockets;

namespace Gateway.Coap;

/// <summary>The CoAP server: an endpoint for each address of the settings, all serving one site.</summary>
internal sealed class CoapServer(
    ICoapSite site, CoapSettings settings, TimeProvider time, Random random, CoapMetrics metrics, ILogger<CoapServer> log)
    : IHostedService, IDisposable
{
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
        return new CoapEndpoint(
            socket,
            send => new MessageLayer(
                ownSettings, TransmissionParameters.Default, time, ownRandom, metrics, log, requests.AnswerAsync, send),
            log);
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
