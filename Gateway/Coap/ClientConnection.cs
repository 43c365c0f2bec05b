using System.Net;
using System.Net.Sockets;
using Gateway.Coap.Dtls;

namespace Gateway.Coap;

/// <summary>A client's way to one server: an endpoint with a socket that is connected to it.</summary>
internal sealed class ClientConnection : IDisposable
{
    // What a server asks of a client is seldom, and is answered that there is nothing.
    private static readonly CoapSettings Settings = new() { MaxExchanges = 16, MaxInWork = 16 };

    private readonly Peer _peer;
    private readonly CoapEndpoint _endpoint;
    private readonly DtlsClientSocket? _secure;

    /// <param name="server">The server.</param>
    /// <param name="security">With what to shake hands; null for a way without DTLS.</param>
    /// <param name="parameters">How patient it is.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Chance.</param>
    /// <param name="metrics">Where it counts.</param>
    /// <param name="log">The log.</param>
    /// <exception cref="SocketException">There is no way to such an address.</exception>
    public ClientConnection(
        IPEndPoint server, DtlsClientSettings? security, TransmissionParameters parameters, TimeProvider time, Random random, CoapMetrics metrics, ILogger log)
    {
        Server = server;
        _peer = Peer.From(server);
        IDatagramSocket socket = new ConnectedSocket(server, OnUnreachable, log);
        if (security is not null)
        {
            socket = _secure = new DtlsClientSocket(socket, _peer, security, parameters, time, reason => _endpoint!.FailRequests(_peer, reason));
        }

        _endpoint = new CoapEndpoint(
            socket, send => new MessageLayer(Settings, parameters, time, random, metrics, log, AnswerAsync, send), log);
        _endpoint.Start();
    }

    public IPEndPoint Server { get; }

    /// <summary>Whether it goes over DTLS.</summary>
    public bool IsSecure => _secure is not null;

    public RequestTags Tags { get; } = new();

    /// <summary>How many requests use it now. The lock of <see cref="ClientConnections"/> guards it.</summary>
    public int Users { get; set; }

    /// <summary>One message there, and one back. Over DTLS a handshake comes first when there is no session.</summary>
    /// <exception cref="CoapClientException">There is no answer.</exception>
    public Task<CoapMessage> RequestAsync(CoapMessage request, CancellationToken cancellation) =>
        _secure is null ? _endpoint.RequestAsync(_peer, request, cancellation) : RequestAsync(request, _secure, cancellation);

    public void Dispose() => _endpoint.Dispose();

    // A server that has no such session any more, since it was started again or had no room, says nothing at all.
    private async Task<CoapMessage> RequestAsync(CoapMessage request, DtlsClientSocket secure, CancellationToken cancellation)
    {
        var session = await secure.EstablishAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await _endpoint.RequestAsync(_peer, request, cancellation).ConfigureAwait(false);
        }
        catch (CoapClientException exception) when (exception.Error == CoapClientError.TimedOut)
        {
            secure.Forget(session);
            throw;
        }
    }

    private void OnUnreachable(SocketError error)
    {
        var reason = new CoapClientException(CoapClientError.Unreachable, $"nothing listens at {Server}: {error}");
        _secure?.Fail(reason);
        _endpoint.FailRequests(_peer, reason);
    }

    private static ValueTask<CoapResponse?> AnswerAsync(in Peer peer, MessageView request, MessageLayer layer) =>
        ValueTask.FromResult<CoapResponse?>(CoapResponse.Error(CoapCode.NotFound, "this is a client"));
}
