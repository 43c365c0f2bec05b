using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Coap;

namespace Gateway.Tests.EndToEnd.SinkRuns;

/// <summary>A device that sends one frame after the other, each until it is acknowledged: with the same message ID, even to a gateway that was away.</summary>
/// <param name="name">Its id.</param>
/// <param name="port">The gateway's.</param>
/// <param name="life">Which life of the gateway it is now.</param>
internal sealed class PatientDevice(string name, int port, Func<int> life) : IDisposable
{
    // RFC 7252 §4.8 has 2 s and doubles it; a device on a loopback line need not wait so long.
    private static readonly TimeSpan AckTimeout = TimeSpan.FromSeconds(1);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly PeriodicTimer _pause = new(AckTimeout);
    private readonly byte[] _buffer = new byte[2048];
    private readonly Dictionary<int, int> _lives = [];
    private int _acknowledged;
    private ushort _id;

    public string Name => name;

    /// <summary>How many frames: those from 0 up to this.</summary>
    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>In how many lives of the gateway a frame was sent.</summary>
    public int LivesOf(int frame) => _lives.GetValueOrDefault(frame, 1);

    /// <summary>Sends the next so many frames, and ends when all of them are acknowledged.</summary>
    public async Task SendMoreAsync(int frames, CancellationToken cancellation)
    {
        await _socket.ConnectAsync(IPAddress.Loopback, port, cancellation);
        for (var end = _acknowledged + frames; _acknowledged < end;)
        {
            await SendAsync(_acknowledged, cancellation);
            Interlocked.Increment(ref _acknowledged);
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _pause.Dispose();
    }

    private async Task SendAsync(int frame, CancellationToken cancellation)
    {
        var first = life();
        var datagram = Datagram(frame);
        while (true)
        {
            var lives = life() - first + 1;
            if (lives > 1)
            {
                _lives[frame] = lives;
            }

            var answer = await AskAsync(datagram, cancellation);
            if (answer is { Class: 2 })
            {
                return;
            }

            // 5.03: it was not taken. The frame is sent anew, for the same message ID would get the same answer.
            datagram = answer is null ? datagram : Datagram(frame);
        }
    }

    private byte[] Datagram(int frame) => CoapCodec.Encode(new CoapMessage(MessageType.Confirmable, CoapCode.Post, new MessageId(++_id))
    {
        Token = Token.From(BitConverter.GetBytes(_id)),
        Options =
        [
            new CoapOption(OptionNumber.UriPath, "devices"u8.ToArray()),
            new CoapOption(OptionNumber.UriPath, Encoding.UTF8.GetBytes(name)),
            new CoapOption(OptionNumber.UriPath, "data"u8.ToArray()),
        ],
        Payload = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"n\":{frame}}}")),
    });

    /// <summary>Sends once, and gives the code of the answer; null when none came in time.</summary>
    private async Task<CoapCode?> AskAsync(byte[] datagram, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(AckTimeout);
        try
        {
            await _socket.SendAsync(datagram, patience.Token);
            while (true)
            {
                var length = await _socket.ReceiveAsync(_buffer, patience.Token);
                if (await AnswerAsync(_buffer.AsMemory(0, length), patience.Token) is { } code)
                {
                    return code;
                }
            }
        }
        catch (SocketException)
        {
            // Nobody listens there just now.
            await _pause.WaitForNextTickAsync(cancellation);
            return null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<CoapCode?> AnswerAsync(ReadOnlyMemory<byte> datagram, CancellationToken cancellation)
    {
        if (!CoapCodec.TryRead(datagram.Span, out var answer, out _))
        {
            throw new AssertionException($"{name} got what is no message: {Convert.ToHexString(datagram.Span)}");
        }

        var (type, code, id) = (answer.Type, answer.Code, answer.Id);
        var isMine = answer.Token.Equals(Token.From(BitConverter.GetBytes(_id)));
        if (type is MessageType.Confirmable)
        {
            // RFC 7252 §5.2.2: a separate response is acknowledged by itself.
            await _socket.SendAsync(CoapCodec.Encode(new CoapMessage(MessageType.Acknowledgement, CoapCode.Empty, id)), cancellation);
        }

        return isMine && code.Class > 0 ? code : null;
    }
}
