using System.Net;
using System.Net.Sockets;

namespace Gateway.Tests.Support;

/// <summary>
/// Ports of the loopback address for servers that are stopped and started again, and for servers that are not there. None is one of those that the
/// system gives to whoever asks for any: while a server is away, nobody else comes by its port.
/// </summary>
internal static class FreePort
{
    // Linux gives out ports from 32768 on, others from 49152.
    private const int First = 16_000;
    private const int Count = 16_000;

    // Other processes of tests begin elsewhere.
    private static int _last = new Random(Environment.ProcessId).Next(Count);

    /// <summary>One where nobody listens for connections.</summary>
    public static int Tcp() => Find(SocketType.Stream, ProtocolType.Tcp);

    /// <summary>One that nobody receives datagrams at.</summary>
    public static int Udp() => Find(SocketType.Dgram, ProtocolType.Udp);

    private static int Find(SocketType type, ProtocolType protocol)
    {
        for (var attempt = 0; attempt < Count; attempt++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _last) % Count);
            if (IsFree(port, type, protocol))
            {
                return port;
            }
        }

        throw new AssertionException($"no port from {First} to {First + Count - 1} is free");
    }

    private static bool IsFree(int port, SocketType type, ProtocolType protocol)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, type, protocol);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
