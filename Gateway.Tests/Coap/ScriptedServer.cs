using System.Net;
using System.Net.Sockets;
using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap;

/// <summary>The other way round: a server that follows a script, for a client that is tested.</summary>
internal sealed class ScriptedServer : IDisposable
{
    private const int PatienceMilliseconds = 10_000;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = PatienceMilliseconds };
    private readonly byte[] _buffer = new byte[65536];
    private EndPoint _client = new IPEndPoint(IPAddress.Any, 0);

    public ScriptedServer() => _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>Where the last message came from.</summary>
    public EndPoint Client => _client;

    /// <summary>Waits for the client's next message.</summary>
    public CoapMessage Receive()
    {
        var length = _socket.ReceiveFrom(_buffer, ref _client);
        return CoapCodec.TryDecode(_buffer.AsSpan(0, length), out var message, out var error) ? message : throw new AssertionException($"{error}");
    }

    public void Send(CoapMessage message) => _socket.SendTo(CoapCodec.Encode(message), _client);

    public void Acknowledge(CoapMessage request) => Send(CoapMessage.EmptyAcknowledgement(request.Id));

    public void Answer(MessageType type, MessageId id, Token token, string payload) =>
        Send(new CoapMessage(type, Code("2.05"), id) { Token = token, Payload = System.Text.Encoding.UTF8.GetBytes(payload) });

    public void Dispose() => _socket.Dispose();
}
