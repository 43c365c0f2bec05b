using System.Net;
using System.Net.Sockets;
using Gateway.Coap;

namespace Gateway.Tests.Coap.Fuzz;

/// <summary>Sends a datagram and a ping behind it, and judges what comes back before the ping's reset.</summary>
internal sealed class FuzzDevice : IDisposable
{
    // Only ever waited out by a test that fails.
    private const int PatienceMilliseconds = 10_000;

    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[65536];
    private ushort _ping;

    public FuzzDevice(IPEndPoint server)
    {
        _socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = PatienceMilliseconds };
        _socket.Connect(server);
    }

    /// <summary>The codes of all answers so far.</summary>
    public HashSet<string> Seen { get; } = [];

    /// <summary>What was wrong; null if all was as it is owed.</summary>
    public string? Try(byte[] datagram)
    {
        _ping = (ushort)(_ping == ushort.MaxValue || IdOf(datagram) == _ping + 1 ? _ping + 2 : _ping + 1);
        _socket.Send(datagram);
        _socket.Send([0x40, 0x00, (byte)(_ping >> 8), (byte)_ping]);
        CoapMessage? answer = null;
        while (true)
        {
            if (Receive() is not { } message)
            {
                return "the ping behind it was not answered, or by something that is no message";
            }

            if (message.Type == MessageType.Reset && message.Id.Value == _ping)
            {
                return answer is null ? null : Judge(datagram, answer);
            }

            if (answer is not null)
            {
                return $"two datagrams came back: {answer.Type} {answer.Code} and {message.Type} {message.Code}";
            }

            answer = message;
            Seen.Add(message.Code.ToString());
        }
    }

    public void Dispose() => _socket.Dispose();

    private static string? Judge(byte[] datagram, CoapMessage answer)
    {
        var read = CoapCodec.TryDecode(datagram, out var request, out var error);
        var type = datagram.Length < 4 ? MessageType.Acknowledgement : CoapCodec.TypeOf(datagram);
        var owed = (type, read) switch
        {
            // RFC 7252 §4.2: a CON is acknowledged or rejected under its ID; garbage can only be rejected.
            (MessageType.Confirmable, false) => error.IsFormatError() && answer.Type == MessageType.Reset && answer.Id == CoapCodec.IdOf(datagram),
            (MessageType.Confirmable, true) when request!.Code.IsRequest =>
                answer.Type == MessageType.Acknowledgement && answer.Id == request.Id && (answer.Code.IsEmpty || answer.Token == request.Token),
            (MessageType.Confirmable, true) => answer.Type == MessageType.Reset && answer.Id == request!.Id,

            // §5.2.3: a request in a NON is answered in a NON. Whatever else it is, it gets nothing.
            (MessageType.NonConfirmable, true) => request!.Code.IsRequest && answer.Type == MessageType.NonConfirmable && answer.Token == request.Token,
            _ => false,
        };
        return owed ? null : $"it was answered by {answer.Type} {answer.Code} {answer.Id} {answer.Token}";
    }

    private static int IdOf(byte[] datagram) => datagram.Length < 4 ? -1 : CoapCodec.IdOf(datagram).Value;

    private CoapMessage? Receive()
    {
        try
        {
            return CoapCodec.TryDecode(_buffer.AsSpan(0, _socket.Receive(_buffer)), out var message, out _) ? message : null;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.TimedOut)
        {
            return null;
        }
    }
}
