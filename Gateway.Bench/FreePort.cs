using System.Net;
using System.Net.Sockets;

namespace Gateway.Bench;

/// <summary>Ports of the loopback address for gateways in processes of their own.</summary>
internal static class FreePort
{
    /// <summary>One that nobody receives datagrams at now.</summary>
    public static int Udp()
    {
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.Client.LocalEndPoint!).Port;
    }
}
