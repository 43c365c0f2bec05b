using System.Net.Sockets;

namespace Gateway.Coap;

/// <summary>One datagram, from any thread, at once.</summary>
internal static unsafe class SingleSend
{
    private const int LongestName = 28;

    /// <summary>Whether it may be the address to send from that is to blame: a multicast group was asked, or the address is gone.</summary>
    public static bool BlamesSource(Peer peer, LinuxError error) => peer.Local != 0
        && (error is LinuxError.EINVAL or LinuxError.EADDRNOTAVAIL or LinuxError.ENODEV or LinuxError.ENETUNREACH);

    public static void Send(Socket socket, ILogger log, Peer peer, ReadOnlySpan<byte> datagram)
    {
        try
        {
            var error = TrySend(socket, peer, datagram);
            if (BlamesSource(peer, error))
            {
                // Then the kernel chooses: a client that asked a group expects an answer from any address (RFC 7252 §8.2).
                error = TrySend(socket, peer with { Local = 0 }, datagram);
            }

            if (error != LinuxError.None)
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

    private static LinuxError TrySend(Socket socket, Peer peer, ReadOnlySpan<byte> datagram)
    {
        var name = stackalloc byte[LongestName];
        var nameLength = peer.WriteTo(new Span<byte>(name, LongestName), socket.AddressFamily);
        var control = stackalloc byte[PacketInfo.MaxSize];
        var controlLength = PacketInfo.Write(new Span<byte>(control, PacketInfo.MaxSize), peer, socket.AddressFamily);
        fixed (byte* bytes = datagram)
        {
            var vector = new IoVector { Start = bytes, Length = (nuint)datagram.Length };
            var header = new MessageHeader
            {
                Name = name,
                NameLength = (uint)nameLength,
                Vectors = &vector,
                VectorCount = 1,
                Control = control,
                ControlLength = (nuint)controlLength,
            };
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
