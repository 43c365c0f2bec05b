using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gateway.Coap;
using Gateway.Configuration;

namespace Gateway.Cli;

/// <summary>Whether the gateway can listen where it should, and how much the system keeps for it.</summary>
internal static class NetworkLook
{
    private const string MaxReceiveBuffer = "/proc/sys/net/core/rmem_max";

    /// <summary>All about ports and buffers.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="isRunning">Whether a gateway answers where these settings have its API: then the ports are taken by it.</param>
    public static IEnumerable<Finding> Run(GatewaySettings settings, bool isRunning)
    {
        var coap = settings.Coap;
        yield return Udp(coap.Addresses, coap.Port, "coap.port", isRunning);
        if (coap.Dtls.Enabled)
        {
            yield return Udp(coap.Addresses, coap.Dtls.Port, "coap.dtls.port", isRunning);
        }

        yield return Api(settings.Api, isRunning);
        if (OperatingSystem.IsLinux())
        {
            yield return Buffer();
        }
    }

    private static Finding Udp(IReadOnlyList<string> addresses, int port, string place, bool isRunning)
    {
        var subject = string.Create(CultureInfo.InvariantCulture, $"UDP port {port}");
        if (isRunning)
        {
            return Finding.Good(subject, "a gateway runs with this configuration");
        }

        try
        {
            foreach (var socket in ListenSocket.BindAll(addresses, port, 1, place))
            {
                socket.Dispose();
            }

            return Finding.Good(subject, $"free on {string.Join(", ", addresses)}");
        }
        catch (CoapBindException e)
        {
            return Finding.Bad(subject, e.Message, $"stop the program that has it, or give {place} and coap.addresses others");
        }
    }

    private static Finding Api(ApiSettings api, bool isRunning)
    {
        var subject = string.Create(CultureInfo.InvariantCulture, $"TCP port {api.Port}");
        if (isRunning)
        {
            return Finding.Good(subject, "the gateway's management API answers");
        }

        try
        {
            using var listener = new TcpListener(IPAddress.Parse(api.Address), api.Port);
            listener.Start();
            return Finding.Good(subject, $"free on {api.Address}");
        }
        catch (SocketException e)
        {
            return Finding.Bad(subject, e.Message, "stop the program that has it, or give api.port and api.address others");
        }
    }

    private static Finding Buffer()
    {
        const string subject = "receive buffer";
        if (!File.Exists(MaxReceiveBuffer) || !int.TryParse(File.ReadAllText(MaxReceiveBuffer), CultureInfo.InvariantCulture, out var allowed))
        {
            return Finding.Odd(subject, $"{MaxReceiveBuffer} can't be read", "see that net.core.rmem_max is 8 MiB or more on the host");
        }

        return allowed >= ReceiveBuffer.Wanted
            ? Finding.Good(subject, string.Create(CultureInfo.InvariantCulture, $"the system allows {allowed} bytes"))
            : Finding.Odd(subject, string.Create(CultureInfo.InvariantCulture, $"the system allows {allowed} bytes, and datagrams get lost when many devices speak at once"),
                string.Create(CultureInfo.InvariantCulture, $"sysctl -w net.core.rmem_max={ReceiveBuffer.Wanted}, and the same in /etc/sysctl.d; or give the service CAP_NET_ADMIN"));
    }
}
