using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gateway.Coap;

namespace Gateway.Bench;

/// <summary>Many devices that each send one confirmable message, as fast as answers come. One thread sends, takes what has come, and sends again what got no answer.</summary>
internal sealed class CommandWireLoad : IDisposable
{
    private const int Sockets = 64;
    private const int Window = 4;

    private static readonly long Patience = 2 * Stopwatch.Frequency;
    private static readonly byte[] Measurement = [1, 2, 3];

    private readonly Socket[] _sockets;
    private readonly Dictionary<Socket, int> _places = [];
    private readonly ushort[] _lastIds = new ushort[Sockets];
    private readonly int[] _outstanding = new int[Sockets];
    private readonly byte[] _buffer = new byte[2048];
    private readonly List<Socket> _ready = [];
    private int _messages;

    public CommandWireLoad(int port)
    {
        _sockets = [.. Enumerable.Range(0, Sockets).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false })];
        foreach (var (place, socket) in _sockets.Index())
        {
            socket.Connect(IPAddress.Loopback, port);
            _places.Add(socket, place);
        }
    }

    /// <summary>One message of each device.</summary>
    /// <param name="devices">How many devices.</param>
    /// <param name="name">A device by its number.</param>
    /// <returns>How long it took, how many answers carried a payload, and how many messages had to be sent again.</returns>
    public (TimeSpan Took, int Carried, int Again) Run(int devices, Func<int, string> name)
    {
        var started = Stopwatch.GetTimestamp();
        var waiting = new Dictionary<int, (int Place, byte[] Datagram)>();
        var deadlines = new Queue<(int Device, long At)>();
        var (next, carried, again) = (0, 0, 0);
        while (next < devices || waiting.Count > 0)
        {
            for (var place = 0; place < Sockets && next < devices; place++)
            {
                for (; _outstanding[place] < Window && next < devices; next++)
                {
                    var datagram = Message(place, next, name(next));
                    waiting.Add(next, (place, datagram));
                    deadlines.Enqueue((next, Stopwatch.GetTimestamp() + Patience));
                    _outstanding[place]++;
                    _sockets[place].Send(datagram, SocketFlags.None, out _);
                }
            }

            carried += Take(waiting);
            while (deadlines.TryPeek(out var oldest) && oldest.At <= Stopwatch.GetTimestamp())
            {
                deadlines.Dequeue();
                if (waiting.TryGetValue(oldest.Device, out var lost))
                {
                    again++;
                    deadlines.Enqueue((oldest.Device, Stopwatch.GetTimestamp() + Patience));
                    _sockets[lost.Place].Send(lost.Datagram, SocketFlags.None, out _);
                }
            }
        }

        return (Stopwatch.GetElapsedTime(started), carried, again);
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_sockets, socket => socket.Dispose());

    private int Take(Dictionary<int, (int Place, byte[] Datagram)> waiting)
    {
        var carried = 0;
        _ready.Clear();
        _ready.AddRange(_sockets);
        Socket.Select(_ready, null, null, TimeSpan.FromMilliseconds(1));
        foreach (var socket in _ready)
        {
            while (socket.Receive(_buffer, SocketFlags.None, out var error) is var length && error == SocketError.Success)
            {
                carried += Take(_buffer.AsSpan(0, length), _places[socket], waiting);
            }
        }

        return carried;
    }

    private int Take(ReadOnlySpan<byte> datagram, int place, Dictionary<int, (int Place, byte[] Datagram)> waiting)
    {
        if (!CoapCodec.TryDecode(datagram, out var answer, out _) || answer.Code != CoapCode.Created || answer.Token.Length != Token.MaxLength)
        {
            throw new InvalidOperationException($"an answer that was not expected: {Convert.ToHexString(datagram)}");
        }

        Span<byte> token = stackalloc byte[Token.MaxLength];
        answer.Token.CopyTo(token);
        if (!waiting.Remove(BitConverter.ToInt32(token)))
        {
            return 0;
        }

        _outstanding[place]--;
        return answer.Payload.IsEmpty ? 0 : 1;
    }

    private byte[] Message(int place, int device, string name) =>
        CoapCodec.Encode(new CoapMessage(MessageType.Confirmable, CoapCode.Post, new MessageId(++_lastIds[place]))
        {
            // One of its own for each message: with the device's last message ID, from another port, it would be that message once more.
            Token = Token.From([.. BitConverter.GetBytes(device), .. BitConverter.GetBytes(++_messages)]),
            Options = [Path("devices"), Path(name), Path("data")],
            Payload = Measurement,
        });

    private static CoapOption Path(string segment) => new(OptionNumber.UriPath, System.Text.Encoding.UTF8.GetBytes(segment));
}
