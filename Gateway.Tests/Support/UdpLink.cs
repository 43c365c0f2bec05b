using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Tests.Support;

/// <summary>
/// The network between one device and a server: datagrams go through it both ways, and the server sees the port that the link has just now, as it
/// does behind a NAT. What goes wrong with them follows from a seed.
/// </summary>
internal sealed class UdpLink : IDisposable
{
    private readonly Socket _front = NewSocket();
    private readonly IPEndPoint _server;
    private readonly ConcurrentQueue<byte[]> _sent = new();
    private readonly Lane _up;
    private readonly Lane _down;
    private volatile EndPoint? _device;
    private volatile NatPort _back;
    private volatile bool _closed;

    public UdpLink(IPEndPoint server, LinkFaults? faults = null)
    {
        var bad = faults ?? LinkFaults.None;
        _server = server;
        _up = new Lane(bad, new Random(bad.Seed), datagram => _back!.Socket.SendTo(datagram, _server));
        _down = new Lane(bad, new Random(~bad.Seed), datagram => _front.SendTo(datagram, _device!));
        _back = NewBack();
        Start(FromDevice);
    }

    /// <summary>Where the device sends to.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_front.LocalEndPoint!;

    /// <summary>Where the server sees the device.</summary>
    public IPEndPoint Seen => (IPEndPoint)_back.Socket.LocalEndPoint!;

    /// <summary>All that the device has sent, in that order, whatever became of it.</summary>
    public IReadOnlyList<byte[]> Sent => [.. _sent];

    /// <summary>Looks at each datagram of the device; those that it is not true for are lost.</summary>
    public Func<byte[], bool> Passes { get; set; } = _ => true;

    /// <summary>Whether what the server sends is lost.</summary>
    public bool IsDeaf { get; set; }

    /// <summary>Gives the device another port at the server; what is still sent to the one before is lost.</summary>
    public void Move()
    {
        var before = _back;
        _back = NewBack();
        before.Socket.Dispose();
    }

    /// <summary>Gives two devices each other's ports at their server.</summary>
    public static void Swap(UdpLink one, UdpLink other)
    {
        (one._back, other._back) = (other._back, one._back);
        (one._back.Owner, other._back.Owner) = (one, other);
    }

    /// <summary>Sends the server a datagram from a port that is neither the device's now nor ever was.</summary>
    public void SendFromElsewhere(byte[] datagram)
    {
        using var elsewhere = NewSocket();
        elsewhere.SendTo(datagram, _server);
    }

    /// <summary>Sends the server a datagram from the device's port.</summary>
    public void SendAsDevice(byte[] datagram) => _back.Socket.SendTo(datagram, _server);

    public void Dispose()
    {
        _closed = true;
        _front.Dispose();
        _back.Socket.Dispose();
    }

    private static Socket NewSocket()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private NatPort NewBack()
    {
        var back = new NatPort(NewSocket(), this);
        Start(() => FromServer(back));
        return back;
    }

    private static void Start(Action loop) => new Thread(() => loop()) { Name = "link", IsBackground = true }.Start();

    private void FromDevice() => Loop(_front, (datagram, from) =>
    {
        _device = from;
        _sent.Enqueue(datagram);
        if (Passes(datagram))
        {
            _up.Take(datagram);
        }
    });

    private static void FromServer(NatPort back) => back.Owner.Loop(back.Socket, (datagram, _) => back.Owner.ToDevice(datagram));

    private void ToDevice(byte[] datagram)
    {
        if (!IsDeaf && _device is not null)
        {
            _down.Take(datagram);
        }
    }

    private void Loop(Socket socket, Action<byte[], EndPoint> take)
    {
        var buffer = new byte[65536];
        while (!_closed)
        {
            EndPoint from = new IPEndPoint(IPAddress.Any, 0);
            try
            {
                var length = socket.ReceiveFrom(buffer, ref from);
                take(buffer[..length], from);
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionRefused or SocketError.ConnectionReset)
            {
                // What was sent before met nobody; that is the network's way.
                continue;
            }
            catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
            {
                // It was closed: the device has moved, or the test is over.
                return;
            }
        }
    }

    // Where the server sees a device.
    private sealed class NatPort(Socket socket, UdpLink owner)
    {
        private volatile UdpLink _owner = owner;

        public Socket Socket => socket;

        public UdpLink Owner { get => _owner; set => _owner = value; }
    }

    // One direction. Only one thread sends through it at a time.
    private sealed class Lane(LinkFaults faults, Random random, Action<byte[]> send)
    {
        private readonly Lock _gate = new();
        private byte[]? _held;

        public void Take(byte[] datagram)
        {
            lock (_gate)
            {
                if (random.NextDouble() < faults.Loss)
                {
                    return;
                }

                if (_held is null && random.NextDouble() < faults.Overtaken)
                {
                    _held = datagram;
                    return;
                }

                send(datagram);
                if (random.NextDouble() < faults.Doubled)
                {
                    send(datagram);
                }

                if (_held is { } late)
                {
                    _held = null;
                    send(late);
                }
            }
        }
    }
}

/// <summary>What goes wrong on a link, as shares of its datagrams.</summary>
/// <param name="Seed">What goes wrong follows from it.</param>
/// <param name="Loss">Are lost.</param>
/// <param name="Overtaken">Come after the one behind them.</param>
/// <param name="Doubled">Come twice.</param>
internal sealed record LinkFaults(int Seed, double Loss, double Overtaken, double Doubled)
{
    public static readonly LinkFaults None = new(0, 0, 0, 0);
}
