using System.Net;
using Gateway.Coap;

namespace Gateway.Tests.Coap.Dtls;

/// <summary>A socket to which nothing comes by itself; what is sent through it is kept.</summary>
internal sealed class SilentSocket : IDatagramSocket
{
    private readonly Lock _gate = new();
    private readonly List<(Peer To, byte[] Datagram)> _sent = [];

    /// <summary>Looks at what is sent.</summary>
    public Action<Peer, byte[]> OnSent { get; init; } = (_, _) => { };

    public IPEndPoint LocalEndPoint { get; } = new(IPAddress.Loopback, 5684);

    public IReadOnlyList<(Peer To, byte[] Datagram)> Sent
    {
        get
        {
            lock (_gate)
            {
                return [.. _sent];
            }
        }
    }

    public void Receive(IDatagramReceiver receiver)
    {
    }

    public void Send(Peer peer, ReadOnlySpan<byte> datagram, bool atOnce = false)
    {
        var sent = datagram.ToArray();
        lock (_gate)
        {
            _sent.Add((peer, sent));
        }

        OnSent(peer, sent);
    }

    public void Wake()
    {
    }

    public void Dispose()
    {
    }
}
