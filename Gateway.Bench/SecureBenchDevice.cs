using System.Net;
using Gateway.Coap;
using Gateway.Coap.Dtls;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Bench;

/// <summary>A device: our own client with its socket in reach, with DTLS or without.</summary>
internal sealed class SecureBenchDevice : IDisposable
{
    public static readonly DtlsClientSettings Security = new(SecureEchoServer.Identity, "thirty-two bytes of a bench's key"u8.ToArray());

    private static readonly CoapSettings Settings = new() { MaxExchanges = 16, MaxInWork = 16 };
    private static readonly TransmissionParameters Parameters = new() { AckTimeout = TimeSpan.FromMilliseconds(500), Nstart = 8 };
    private static readonly CoapUri Uri = new("127.0.0.1", CoapUri.DefaultPort, ["m"], []);

    private readonly Peer _server;
    private readonly ConnectedSocket _socket;
    private readonly DtlsClientSocket? _secure;
    private readonly CoapEndpoint _endpoint;

    /// <param name="server">Where the server is.</param>
    /// <param name="security">With what it shakes hands; null for none.</param>
    /// <param name="metrics">Where it counts.</param>
    public SecureBenchDevice(IPEndPoint server, DtlsClientSettings? security, CoapMetrics metrics)
    {
        _server = Peer.From(server);
        _socket = new ConnectedSocket(server, _ => { }, NullLogger.Instance);
        _secure = security is null ? null : new DtlsClientSocket(_socket, _server, security, Parameters, TimeProvider.System, _ => { });
        _endpoint = new CoapEndpoint(
            (IDatagramSocket?)_secure ?? _socket,
            send => new MessageLayer(Settings, Parameters, TimeProvider.System, new Random(), metrics, NullLogger.Instance, NobodyAsync, send),
            NullLogger.Instance);
        _endpoint.Start();
    }

    /// <summary>The session, after a handshake if there is none.</summary>
    public Task<Association> EstablishAsync() => _secure!.EstablishAsync(CancellationToken.None);

    /// <summary>A session of its own once more; the one before is left to the server.</summary>
    public async Task EstablishAnewAsync()
    {
        _secure!.Forget(await EstablishAsync());
        await EstablishAsync();
    }

    /// <summary>One exchange; throws when it was lost.</summary>
    public Task ExchangeAsync() => _endpoint.RequestAsync(
        _server,
        new CoapMessage(MessageType.Confirmable, CoapCode.Post, default) { Options = [.. Uri.ToOptions()], Payload = Frames.Efento },
        CancellationToken.None);

    /// <summary>The shortest of all messages (RFC 7252 §4.3), of which nothing is kept.</summary>
    public void Ping() => _secure!.Send(_server, CoapCodec.Encode(new CoapMessage(MessageType.Confirmable, CoapCode.Empty, default)));

    /// <summary>Sends a datagram as it is, from the device's address.</summary>
    public void Send(byte[] datagram) => _socket.Send(_server, datagram);

    public void Dispose() => _endpoint.Dispose();

    private static ValueTask<CoapResponse?> NobodyAsync(in Peer peer, MessageView request, MessageLayer layer) => ValueTask.FromResult<CoapResponse?>(null);
}
