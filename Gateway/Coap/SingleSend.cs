using System.Net.Sockets;

namespace Gateway.Coap;

/// <summary>One datagram, from any thread, at once.</summary>
internal static unsafe class SingleSend
{
    private const int LongestName = 28;

    public static void Send(Socket socket, ILogger log, Peer peer, byte[] datagram)
    {
        try
        {
            if (TrySend(socket, peer, datagram) is var error && error != LinuxError.None)
            {
                // UDP promises nothing: to the peer it is a lost datagram, and it will ask again.
                log.SendFailed(peer, datagram.Length, error);
            }
        }
        catch (ObjectDisposedException)
        {
            log.SendFailed(peer, datagram.Length, LinuxError.ESHUTDOWN);
        }
    }

    private static LinuxError TrySend(Socket socket, Peer peer, byte[] datagram)
    {
        var name = stackalloc byte[LongestName];
        var nameLength = peer.WriteTo(new Span<byte>(name, LongestName), socket.AddressFamily);
        fixed (byte* bytes = datagram)
        {
            var vector = new IoVector { Start = bytes, Length = (nuint)datagram.Length };
            var header = new MessageHeader { Name = name, NameLength = (uint)nameLength, Vectors = &vector, VectorCount = 1 };
            while (LinuxSocket.SendOne(socket.SafeHandle, &header, 0) < 0)
            {
                if (LinuxSocket.LastError is var error && error != LinuxError.EINTR)
                {
                    return error;
                }
            }

            return LinuxError.None;
        }
    }
}
