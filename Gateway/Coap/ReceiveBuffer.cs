using System.Net;
using System.Net.Sockets;

namespace Gateway.Coap;

/// <summary>The kernel's room for datagrams that nobody has taken yet.</summary>
internal static class ReceiveBuffer
{
    /// <summary>What is asked for. The default holds some 250 small datagrams, which is nothing when thousands of devices wake on the full hour.</summary>
    public const int Wanted = 8 * 1024 * 1024;

    // socket(7): SOL_SOCKET and SO_RCVBUFFORCE on Linux.
    private const int SocketLevel = 1;
    private const int Force = 33;

    /// <summary>Asks for it, reads back what was given, and warns when that is less.</summary>
    public static void Ask(Socket socket, ILogger log, int wanted = Wanted)
    {
        if (!TryForce(socket, wanted))
        {
            socket.ReceiveBufferSize = wanted;
        }

        // socket(7): Linux doubles the number for its own bookkeeping, and gives the doubled one back.
        var granted = OperatingSystem.IsLinux() ? socket.ReceiveBufferSize / 2 : socket.ReceiveBufferSize;
        if (granted >= wanted)
        {
            return;
        }

        var endPoint = (IPEndPoint)socket.LocalEndPoint!;
        if (OperatingSystem.IsLinux())
        {
            log.ReceiveBufferCut(endPoint, granted, wanted, wanted);
        }
        else
        {
            log.SmallReceiveBuffer(endPoint, granted, wanted);
        }
    }

    // Past the limit of the system, for who may administer the network (CAP_NET_ADMIN); anybody else is refused.
    private static bool TryForce(Socket socket, int wanted)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        try
        {
            socket.SetRawSocketOption(SocketLevel, Force, BitConverter.GetBytes(wanted));
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode
            is SocketError.AccessDenied or SocketError.ProtocolOption or SocketError.OperationNotSupported)
        {
            return false;
        }
    }
}
