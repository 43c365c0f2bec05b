using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gateway.Coap;

namespace Gateway.Bench;

/// <summary>One of the soak's devices: a socket, and the requests that wait for their answers.</summary>
internal sealed class SoakDevice : IDisposable
{
    private const int MaxTransmissions = 5;
    private const int LongestAnswer = 256;
    private const int BlockSize = 64;

    private static readonly long Patience = 2 * Stopwatch.Frequency;

    private static readonly byte[] Block = new byte[BlockSize];

    // No version 1; a token of 9 bytes; an option that is longer than the datagram; a payload marker without a payload; no whole header.
    private static readonly byte[][] Garbage =
        [[0x80, 0x02, 0x00, 0x01], [0x49, 0x02, 0x00, 0x02, 1, 2, 3, 4, 5, 6, 7, 8, 9], [0x40, 0x02, 0x00, 0x03, 0xb9, 0x6d], [0x40, 0x02, 0x00, 0x04, 0xff], [0x40, 0x02, 0x00]];

    private readonly Random _random;
    private readonly byte[] _buffer = new byte[LongestAnswer];
    private readonly Dictionary<ushort, Waiting> _waiting = [];
    private readonly Queue<(ushort Id, long Deadline)> _deadlines = new();

    // What answered a request that was sent again on purpose: the second answer must be the same.
    private readonly Dictionary<ushort, byte[]> _firstAnswers = [];
    private ushort _lastId;

    /// <param name="port">The server's port on the loopback address.</param>
    /// <param name="random">For tokens and choices.</param>
    public SoakDevice(int port, Random random)
    {
        _random = random;
        _lastId = (ushort)random.Next();
        Socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        Socket.Connect(IPAddress.Loopback, port);
    }

    public Socket Socket { get; }

    public int Outstanding => _waiting.Count;

    public long Sent { get; private set; }

    public long Answered { get; private set; }

    public long Again { get; private set; }

    public long Lost { get; private set; }

    public long Duplicates { get; private set; }

    public long Malformed { get; private set; }

    public long Begun { get; private set; }

    public long Wrong { get; private set; }

    /// <summary>Sends a measurement; as soon as it is answered, once more if it is to come twice.</summary>
    public void Send(bool twice = false) => Send(CoapCode.Changed, Frames.Efento, [], twice);

    /// <summary>Sends the first block of a body, and never another.</summary>
    public void BeginBody()
    {
        Begun++;
        CoapOption[] options =
        [
            new BlockOption(0, true, BlockOption.ExponentFor(BlockSize)).ToOption(OptionNumber.Block1),
            UintOption.Of(OptionNumber.RequestTag, (uint)_random.Next(1, int.MaxValue)),
        ];
        Send(CoapCode.Continue, Block, options, twice: false);
    }

    /// <summary>Sends what is no message.</summary>
    public void SendMalformed()
    {
        Malformed++;
        Transmit(Garbage[_random.Next(Garbage.Length)]);
    }

    /// <summary>Takes the answers that have come.</summary>
    public void Take()
    {
        while (Socket.Receive(_buffer, SocketFlags.None, out var error) is var length && error == SocketError.Success)
        {
            var datagram = _buffer.AsSpan(0, length);
            if (!CoapCodec.TryRead(datagram, out var answer, out _))
            {
                Wrong++;
            }
            else if (answer.Type != MessageType.Reset)
            {
                Take(answer);
            }
        }
    }

    /// <summary>Sends again what has waited too long.</summary>
    public void Repeat()
    {
        var now = Stopwatch.GetTimestamp();
        while (_deadlines.TryPeek(out var oldest) && oldest.Deadline <= now)
        {
            _deadlines.Dequeue();
            if (!_waiting.TryGetValue(oldest.Id, out var waiting))
            {
                continue;
            }

            if (waiting.Transmissions == MaxTransmissions)
            {
                _waiting.Remove(oldest.Id);
                Lost++;
                continue;
            }

            waiting.Transmissions++;
            Again++;
            Transmit(waiting.Datagram);
            _deadlines.Enqueue((oldest.Id, now + Patience));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Socket.Dispose();

    private void Send(CoapCode expected, byte[] payload, CoapOption[] options, bool twice)
    {
        var id = ++_lastId;
        var token = Token.From(BitConverter.GetBytes(_random.Next()));
        var datagram = CoapCodec.Encode(new CoapMessage(MessageType.Confirmable, CoapCode.Post, new MessageId(id))
        {
            Token = token,
            Options = [new CoapOption(OptionNumber.UriPath, "m"u8.ToArray()), .. options],
            Payload = payload,
        });
        _firstAnswers.Remove(id);
        _waiting[id] = new Waiting(datagram, token, expected, twice);
        _deadlines.Enqueue((id, Stopwatch.GetTimestamp() + Patience));
        Sent++;
        Transmit(datagram);
    }

    private void Take(MessageView answer)
    {
        var id = answer.Id.Value;
        if (_waiting.Remove(id, out var waiting))
        {
            Answered++;
            Wrong += answer.Token == waiting.Token && answer.Code == waiting.Expected ? 0 : 1;
            if (waiting.Twice)
            {
                _firstAnswers[id] = answer.Datagram.ToArray();
                Transmit(waiting.Datagram);
            }
        }
        else if (_firstAnswers.Remove(id, out var first))
        {
            Duplicates++;
            Wrong += answer.Datagram.SequenceEqual(first) ? 0 : 1;
        }
    }

    // A full buffer of the system's is one way to lose a datagram: it is sent again like any other.
    private void Transmit(byte[] datagram) => Socket.Send(datagram, SocketFlags.None, out _);

    private sealed record Waiting(byte[] Datagram, Token Token, CoapCode Expected, bool Twice)
    {
        public int Transmissions { get; set; } = 1;
    }
}
