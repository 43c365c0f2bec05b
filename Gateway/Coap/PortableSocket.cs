using System.Net;
using System.Net.Sockets;

namespace Gateway.Coap;

/// <summary>One datagram at a time, through .NET's own socket: runs everywhere.</summary>
internal sealed class PortableSocket : IDatagramSocket
{
    private const int LargestDatagram = 65536;

    // ip(7), and linux/in6.h for IPv6: IP_MULTICAST_ALL and IPV6_MULTICAST_ALL on Linux.
    private static readonly (int Level, int Name)[] AllGroups = [(0, 49), (41, 29)];

    // A scratch address for each thread that sends.
    [ThreadStatic]
    private static SocketAddress? _sendAddress;

    private readonly Socket _socket;
    private readonly ILogger _log;

    // The receiving thread's own.
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(LargestDatagram);
    private readonly SocketAddress _from;

    /// <summary>Takes over a bound socket.</summary>
    public PortableSocket(Socket socket, ILogger log)
    {
        (_socket, _log) = (socket, log);
        _from = new SocketAddress(socket.AddressFamily);
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
        RefuseGroups(socket, log);
    }

    public IPEndPoint LocalEndPoint { get; }

    public void Receive(IDatagramReceiver receiver)
    {
        int length;
        try
        {
            length = _socket.ReceiveFrom(_buffer, SocketFlags.None, _from);
        }
        catch (SocketException exception) when (ComesFromNetwork(exception.SocketErrorCode))
        {
            _log.ReceiveReported(LocalEndPoint, exception.SocketErrorCode);
            return;
        }

        receiver.Take(Peer.From(_from), _buffer.AsSpan(0, length));
    }

    public void Send(Peer peer, ReadOnlySpan<byte> datagram, bool atOnce = false)
    {
        if (_sendAddress is not { } address || address.Family != _socket.AddressFamily)
        {
            _sendAddress = address = new SocketAddress(_socket.AddressFamily);
        }

        peer.WriteTo(address);
        try
        {
            _socket.SendTo(datagram, SocketFlags.None, address);
        }
        catch (SocketException exception)
        {
            // UDP promises nothing: to the peer it is a lost datagram, and it will ask again.
            _log.SendFailed(peer, datagram.Length, exception.SocketErrorCode);
        }
        catch (ObjectDisposedException)
        {
            _log.SendFailed(peer, datagram.Length, SocketError.Shutdown);
        }
    }

    // Closing a socket does not wake the thread that receives from it on every system (macOS: dotnet/runtime issue 47342); a datagram does.
    public void Wake()
    {
        var self = LocalEndPoint.Address.Equals(IPAddress.IPv6Any) ? LoopbackForAll()
            : LocalEndPoint.Address.Equals(IPAddress.Any) ? IPAddress.Loopback
            : LocalEndPoint.Address;
        Send(Peer.From(new IPEndPoint(self, LocalEndPoint.Port)), []);
    }

    public void Dispose() => _socket.Dispose();

    // RFC 7252 §8.2: this server is in no group on purpose. But Linux would give it what comes for a group that another program is in.
    private static void RefuseGroups(Socket socket, ILogger log)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        foreach (var (level, name) in AllGroups)
        {
            try
            {
                socket.SetRawSocketOption(level, name, [0, 0, 0, 0]);
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ProtocolOption or SocketError.OperationNotSupported)
            {
                // A socket of the other family, or a kernel before 4.20, which has no such thing for IPv6.
                log.GroupsNotRefused((IPEndPoint)socket.LocalEndPoint!, level, exception.SocketErrorCode);
            }
        }
    }

    // What an ICMP message about an earlier answer, or a datagram that is too large, makes of the next receive: no fault of this socket.
    private static bool ComesFromNetwork(SocketError error) => error
        is SocketError.ConnectionReset or SocketError.ConnectionRefused or SocketError.NetworkReset or SocketError.HostUnreachable
        or SocketError.NetworkUnreachable or SocketError.HostDown or SocketError.MessageSize or SocketError.Interrupted;

    private IPAddress LoopbackForAll() => _socket.DualMode ? IPAddress.Loopback : IPAddress.IPv6Loopback;
}
