using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Coap;

/// <summary>The addresses of the settings, turned into bound sockets.</summary>
internal static class ListenSocket
{
    public const string AllAddresses = "*";

    private const int FreePort = 0;

    // socket(7): SOL_SOCKET and SO_REUSEPORT on Linux.
    private const int SocketLevel = 1;
    private const int ReusePort = 15;

    // The free port that the system picks for the first address may be taken on another one; then it is asked for the next.
    private const int PortAttempts = 16;

    /// <summary>Sockets for each address, all with the same port; those of one address follow one another.</summary>
    /// <param name="addresses">The addresses.</param>
    /// <param name="port">The port; 0 picks a free one.</param>
    /// <param name="shards">How many sockets share each address; more than one is for Linux only.</param>
    /// <param name="portSetting">The setting that the port is from.</param>
    /// <exception cref="CoapBindException">An address can't be listened on; the message says which, why, and what to do.</exception>
    public static IReadOnlyList<Socket> BindAll(IReadOnlyList<string> addresses, int port, int shards, string portSetting = "coap.port")
    {
        for (var attempt = 1; ; attempt++)
        {
            var sockets = new List<Socket>();
            try
            {
                foreach (var address in addresses)
                {
                    BindShards(sockets, address, sockets.Count == 0 ? port : PortOf(sockets[0]), shards);
                }

                return sockets;
            }
            catch (SocketException exception)
            {
                var failed = addresses[sockets.Count / shards];
                var failedPort = sockets.Count == 0 ? port : PortOf(sockets[0]);
                sockets.ForEach(socket => socket.Dispose());
                if (port != FreePort || attempt == PortAttempts || exception.SocketErrorCode != SocketError.AddressAlreadyInUse)
                {
                    throw new CoapBindException(Explain(failed, failedPort, portSetting, exception.SocketErrorCode), exception);
                }
            }
        }
    }

    private static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    // SO_REUSEPORT lets every process of this user share the port: a second gateway would take half of the devices without a word.
    // So the address is bound once without it, which fails when anybody has it, and only then shared among our own.
    private static void BindShards(List<Socket> sockets, string address, int port, int shards)
    {
        var first = Bind(address, port, shared: false);
        if (shards == 1)
        {
            sockets.Add(first);
            return;
        }

        var freePort = PortOf(first);
        first.Dispose();
        for (var shard = 0; shard < shards; shard++)
        {
            sockets.Add(Bind(address, freePort, shared: true));
        }
    }

    private static Socket Bind(string address, int port, bool shared)
    {
        if (address == AllAddresses)
        {
            return BindAllAddresses(port, shared);
        }

        return IPAddress.TryParse(address, out var parsed)
            ? Bind(new IPEndPoint(parsed, port), dualStack: false, shared)
            : throw new CoapBindException(
                $"CoAP can't listen on \"{address}\": it is no IP address; correct coap.addresses, or write \"{AllAddresses}\" for all");
    }

    private static Socket BindAllAddresses(int port, bool shared)
    {
        if (Socket.OSSupportsIPv6)
        {
            try
            {
                return Bind(new IPEndPoint(IPAddress.IPv6Any, port), dualStack: true, shared);
            }
            catch (SocketException exception) when (exception.SocketErrorCode
                is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported or SocketError.ProtocolNotSupported)
            {
                // The kernel knows IPv6, but it is switched off: what is left is IPv4.
                return Bind(new IPEndPoint(IPAddress.Any, port), dualStack: false, shared);
            }
        }

        return Bind(new IPEndPoint(IPAddress.Any, port), dualStack: false, shared);
    }

    private static Socket Bind(IPEndPoint endPoint, bool dualStack, bool shared)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = dualStack;
            }

            if (shared)
            {
                socket.SetRawSocketOption(SocketLevel, ReusePort, [1, 0, 0, 0]);
            }

            socket.Bind(endPoint);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string Explain(string address, int port, string portSetting, SocketError error)
    {
        var remedy = error switch
        {
            SocketError.AddressAlreadyInUse => $"another program has it: stop that one, or give {portSetting} another number",
            SocketError.AddressNotAvailable => "this machine has no such address: correct coap.addresses",
            SocketError.AddressFamilyNotSupported => "this machine does not speak that address's family: correct coap.addresses",
            SocketError.AccessDenied => $"it is not allowed to: take a port from 1024 on as {portSetting}, or grant the right to this one",
            _ => string.Create(CultureInfo.InvariantCulture, $"the system reports {error}"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"CoAP can't listen on address {address}, UDP port {port}: {remedy}");
    }
}
