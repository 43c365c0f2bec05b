using System.Net;

namespace Gateway.Coap;

/// <summary>A client's way to one server: an endpoint with a socket that is connected to it.</summary>
internal sealed class ClientConnection : IDisposable
{
    // What a server asks of a client is seldom, and is answered that there is nothing.
    private static readonly CoapSettings Settings = new() { MaxExchanges = 16, MaxInWork = 16 };

    private readonly Peer _peer;
    private readonly CoapEndpoint _endpoint;

    /// <exception cref="System.Net.Sockets.SocketException">There is no way to such an address.</exception>
    public ClientConnection(
        IPEndPoint server, TransmissionParameters parameters, TimeProvider time, Random random, CoapMetrics metrics, ILogger log)
    {
        Server = server;
        _peer = Peer.From(server);
        var socket = new ConnectedSocket(
            server,
            error => _endpoint!.FailRequests(_peer, new CoapClientException(CoapClientError.Unreachable, $"nothing listens at {server}: {error}")),
            log);
        _endpoint = new CoapEndpoint(
            socket, send => new MessageLayer(Settings, parameters, time, random, metrics, log, AnswerAsync, send), log);
        _endpoint.Start();
    }

    public IPEndPoint Server { get; }

    public RequestTags Tags { get; } = new();

    /// <summary>How many requests use it now. The lock of <see cref="ClientConnections"/> guards it.</summary>
    public int Users { get; set; }

    /// <summary>One message there, and one back.</summary>
    /// <exception cref="CoapClientException">There is no answer.</exception>
    public Task<CoapMessage> RequestAsync(CoapMessage request, CancellationToken cancellation) =>
        _endpoint.RequestAsync(_peer, request, cancellation);

    public void Dispose() => _endpoint.Dispose();

    private static ValueTask<CoapResponse?> AnswerAsync(in Peer peer, MessageView request, MessageLayer layer) =>
        ValueTask.FromResult<CoapResponse?>(CoapResponse.Error(CoapCode.NotFound, "this is a client"));
}
