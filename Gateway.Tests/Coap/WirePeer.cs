using System.Net;
using System.Net.Sockets;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap;

/// <summary>A device with a socket of its own.</summary>
internal sealed class WirePeer : ScriptedPeer, IDisposable
{
    // Only ever waited out by a test that fails.
    private const int PatienceMilliseconds = 10_000;

    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[65536];
    private int _lastPing = 0xf000;

    public WirePeer(IPEndPoint server)
    {
        _socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = PatienceMilliseconds };
        _socket.Connect(server);
        LocalEndPoint = (IPEndPoint)_socket.LocalEndPoint!;
    }

    public IPEndPoint LocalEndPoint { get; }

    // One thread serves the datagrams in their order: if nothing but the answer to a later ping comes back, the earlier ones got none.
    public override ScriptedPeer ExpectSilence()
    {
        var ping = ++_lastPing;
        return Send(CON, ping).Expect(RST, ping);
    }

    /// <summary>Waits until all that was sent before has been received and begun.</summary>
    public ScriptedPeer Settle() => ExpectSilence();

    public void Dispose() => _socket.Dispose();

    protected override void Transmit(byte[] datagram) => _socket.Send(datagram);

    protected override byte[]? Receive()
    {
        try
        {
            return _buffer[.._socket.Receive(_buffer)];
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.TimedOut)
        {
            return null;
        }
    }
}
