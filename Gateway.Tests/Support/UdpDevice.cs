using System.Net;
using System.Net.Sockets;

namespace Gateway.Tests.Support;

/// <summary>A device with one socket, so that the gateway knows it again.</summary>
internal sealed class UdpDevice : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    public UdpDevice(int port) => _socket.Connect(IPAddress.Loopback, port);

    public async Task<byte[]> AskAsync(byte[] datagram)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await _socket.SendAsync(datagram, patience.Token);
        var buffer = new byte[2048];
        var length = await _socket.ReceiveAsync(buffer, patience.Token);
        return buffer[..length];
    }

    public void Dispose() => _socket.Dispose();
}
