using System.Net;
using System.Net.Sockets;

namespace Gateway.Coap;

/// <summary>Owns one socket and the thread that receives from it; feeds a message layer, and sends what that has to say.</summary>
// One thread receives, decodes, looks for duplicates and runs the handler as far as it goes without waiting: each hand-over
// between threads would cost more than the work. Sending is allowed from any thread.
internal sealed class CoapEndpoint : IDisposable
{
    // The default holds some 250 small datagrams, which is nothing when thousands of devices wake on the full hour.
    private const int WantedReceiveBuffer = 8 * 1024 * 1024;
    private const int LargestDatagram = 65536;

    // How long the loop rests after an error that it doesn't know, so that one that stays does not eat a processor.
    private static readonly TimeSpan RestAfterError = TimeSpan.FromMilliseconds(100);

    // How long the receiving thread may take to notice that it is to end; after that its socket is closed under it.
    private static readonly TimeSpan WakeTime = TimeSpan.FromSeconds(1);

    // A scratch address for each thread that sends.
    [ThreadStatic]
    private static SocketAddress? _sendAddress;

    private readonly Socket _socket;
    private readonly ILogger _log;
    private readonly MessageLayer _messages;
    private readonly Thread _receiver;
    private readonly ManualResetEventSlim _closing = new();

    /// <summary>Takes over a bound socket.</summary>
    /// <param name="socket">The socket, bound.</param>
    /// <param name="messages">Makes the message layer that sends through this endpoint.</param>
    /// <param name="log">The log.</param>
    public CoapEndpoint(Socket socket, Func<DatagramSender, MessageLayer> messages, ILogger log)
    {
        (_socket, _log) = (socket, log);
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
        _messages = messages(Send);
        _receiver = new Thread(ReceiveLoop) { Name = $"coap {LocalEndPoint}", IsBackground = true };
    }

    public IPEndPoint LocalEndPoint { get; }

    /// <summary>Requests that are not answered yet.</summary>
    public int InWork => _messages.InWork;

    public void Start()
    {
        AskForReceiveBuffer();
        _receiver.Start();
    }

    /// <summary>Takes no new requests from now on; done when those in work are answered.</summary>
    public Task DrainAsync() => _messages.DrainAsync();

    public void Dispose()
    {
        _closing.Set();
        _messages.Dispose();
        if (_receiver.IsAlive)
        {
            Wake();
            _receiver.Join(WakeTime);
        }

        _socket.Dispose();
    }

    private void AskForReceiveBuffer()
    {
        _socket.ReceiveBufferSize = WantedReceiveBuffer;
        if (_socket.ReceiveBufferSize is var granted && granted < WantedReceiveBuffer)
        {
            _log.SmallReceiveBuffer(LocalEndPoint, granted, WantedReceiveBuffer);
        }
    }

    private void ReceiveLoop()
    {
        var buffer = new byte[LargestDatagram];
        var from = new SocketAddress(_socket.AddressFamily);
        while (!_closing.IsSet)
        {
            try
            {
                var length = _socket.ReceiveFrom(buffer, SocketFlags.None, from);
                _messages.Receive(Peer.From(from), buffer.AsSpan(0, length));
            }
            catch (SocketException exception) when (ComesFromNetwork(exception.SocketErrorCode))
            {
                _log.ReceiveReported(LocalEndPoint, exception.SocketErrorCode);
            }
            catch (Exception exception)
            {
                if (!_closing.IsSet)
                {
                    _log.ReceiveFailed(LocalEndPoint, exception);
                    _closing.Wait(RestAfterError);
                }
            }
        }
    }

    // What an ICMP message about an earlier answer, or a datagram that is too large, makes of the next receive: no fault of this socket.
    private static bool ComesFromNetwork(SocketError error) => error
        is SocketError.ConnectionReset or SocketError.ConnectionRefused or SocketError.NetworkReset or SocketError.HostUnreachable
        or SocketError.NetworkUnreachable or SocketError.HostDown or SocketError.MessageSize or SocketError.Interrupted;

    private void Send(Peer peer, byte[] datagram)
    {
        if (_sendAddress is not { } address || address.Family != _socket.AddressFamily)
        {
            _sendAddress = address = new SocketAddress(_socket.AddressFamily);
        }

        peer.WriteTo(address);
        try
        {
            _socket.SendTo(datagram, SocketFlags.None, address);
        }
        catch (SocketException exception)
        {
            // UDP promises nothing: to the peer it is a lost datagram, and it will ask again.
            _log.SendFailed(peer, datagram.Length, exception.SocketErrorCode);
        }
        catch (ObjectDisposedException)
        {
            _log.SendFailed(peer, datagram.Length, SocketError.Shutdown);
        }
    }

    // Closing a socket does not wake the thread that receives from it on every system (macOS: dotnet/runtime issue 47342); a datagram does.
    private void Wake()
    {
        var self = LocalEndPoint.Address.Equals(IPAddress.IPv6Any) ? LoopbackForAll()
            : LocalEndPoint.Address.Equals(IPAddress.Any) ? IPAddress.Loopback
            : LocalEndPoint.Address;
        Send(Peer.From(new IPEndPoint(self, LocalEndPoint.Port)), []);
    }

    private IPAddress LoopbackForAll() => _socket.DualMode ? IPAddress.Loopback : IPAddress.IPv6Loopback;
}
