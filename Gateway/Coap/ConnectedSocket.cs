using System.Net;
using System.Net.Sockets;

namespace Gateway.Coap;

/// <summary>A client's socket: connected to one server, so that the kernel keeps strangers out and tells when nothing listens there.</summary>
internal sealed class ConnectedSocket : IDatagramSocket
{
    private const int LargestDatagram = 65536;

    private readonly Socket _socket;
    private readonly Peer _server;
    private readonly Action<SocketError> _failed;
    private readonly ILogger _log;

    // The receiving thread's own.
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(LargestDatagram);
    private volatile bool _woken;

    /// <param name="server">The server.</param>
    /// <param name="failed">Called from any thread when the network says that a datagram did not get there.</param>
    /// <param name="log">The log.</param>
    /// <exception cref="SocketException">There is no way to such an address.</exception>
    public ConnectedSocket(IPEndPoint server, Action<SocketError> failed, ILogger log)
    {
        (_server, _failed, _log) = (Peer.From(server), failed, log);
        _socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            _socket.Connect(server);
            LocalEndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    public IPEndPoint LocalEndPoint { get; }

    public void Receive(IDatagramReceiver receiver)
    {
        int length;
        try
        {
            length = _socket.Receive(_buffer);
        }
        catch (SocketException exception)
        {
            if (!_woken)
            {
                _log.ReceiveReported(LocalEndPoint, exception.SocketErrorCode);
                _failed(exception.SocketErrorCode);
            }

            return;
        }

        if (!_woken)
        {
            receiver.Take(_server, _buffer.AsSpan(0, length));
        }
    }

    public void Send(Peer peer, ReadOnlySpan<byte> datagram, bool atOnce = false)
    {
        try
        {
            var error = TrySend(datagram);
            if (error is SocketError.ConnectionRefused or SocketError.ConnectionReset)
            {
                // That is what an earlier datagram met with, and this one has not gone out.
                error = TrySend(datagram);
            }

            if (error != SocketError.Success)
            {
                _log.SendFailed(peer, datagram.Length, error);
                _failed(error);
            }
        }
        catch (ObjectDisposedException)
        {
            _log.SendFailed(peer, datagram.Length, SocketError.Shutdown);
        }
    }

    // Nobody can send a connected socket a datagram but its server; it is shut instead. Where that wakes nobody, closing it does.
    public void Wake()
    {
        _woken = true;
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException exception)
        {
            _log.ReceiveReported(LocalEndPoint, exception.SocketErrorCode);
        }
    }

    public void Dispose() => _socket.Dispose();

    private SocketError TrySend(ReadOnlySpan<byte> datagram)
    {
        _socket.Send(datagram, SocketFlags.None, out var error);
        return error;
    }
}
