using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Coap;

namespace Gateway.Tests.EndToEnd;

/// <summary>
/// A device behind a bad network. It sends confirmable messages and sends them again while there is no answer; datagrams are lost on both
/// ways, and it may speak from another port whenever it likes. Each message names the commands that it has applied, and says when its last
/// exchange failed. A command that it has applied before it does not apply again.
/// </summary>
internal sealed class LossyDevice(string name, int gatewayPort, double loss, Random chance) : IDisposable
{
    private const int Attempts = 5;
    private const int Reported = 5;

    // Long for a gateway that is there, short for one that is being started again.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<string, byte[]> _answers = [];
    private Socket _socket = NewSocket(gatewayPort);
    private ushort _nextId = (ushort)chance.Next(65536);
    private bool _failed;

    public string Name => name;

    /// <summary>The commands in the order in which they were applied.</summary>
    public List<string> Applied { get; } = [];

    /// <summary>How often nobody listened.</summary>
    public int Refused { get; private set; }

    /// <summary>All that was sent, to be sent again at a bad moment.</summary>
    public List<byte[]> Past { get; } = [];

    /// <summary>From now on it speaks from another port, as behind a NAT.</summary>
    public void Rebind()
    {
        _socket.Dispose();
        _socket = NewSocket(gatewayPort);
        _answers.Clear();
    }

    /// <summary>Sends a message until it is answered, or not; whether it was.</summary>
    public async Task<bool> SpeakAsync(bool rebindsBetween = false)
    {
        var id = _nextId++;
        var words = $"ok {string.Join(' ', Applied.TakeLast(Reported))}{(_failed ? " failed" : "")}";
        var message = CoapCodec.Encode(new CoapMessage(MessageType.Confirmable, CoapCode.Post, new MessageId(id))
        {
            Token = Token.From([(byte)(id >> 8), (byte)id]),
            Options = [.. new[] { "devices", name, "data" }.Select(segment => new CoapOption(OptionNumber.UriPath, Encoding.UTF8.GetBytes(segment)))],
            Payload = Encoding.UTF8.GetBytes(words),
        });
        Past.Add(message);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (attempt > 0 && rebindsBetween)
            {
                Rebind();
            }

            await SendAsync(message);
            if (await AnsweredAsync(id))
            {
                _failed = false;
                return true;
            }
        }

        _failed = true;
        return false;
    }

    /// <summary>A datagram of before comes once more; nobody waits for its answer.</summary>
    public Task RepeatAsync(byte[] datagram) => SendAsync(datagram);

    public void Dispose() => _socket.Dispose();

    private async Task SendAsync(byte[] datagram)
    {
        if (chance.NextDouble() >= loss)
        {
            try
            {
                await _socket.SendAsync(datagram);
            }
            catch (SocketException)
            {
                // Nobody listens: the gateway is being started again.
                Refused++;
            }
        }
    }

    private async Task<bool> AnsweredAsync(ushort id)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        var buffer = new byte[2048];
        while (true)
        {
            try
            {
                var length = await _socket.ReceiveAsync(buffer, patience.Token);
                if (chance.NextDouble() >= loss && await TakeAsync(buffer[..length], id))
                {
                    return true;
                }
            }
            catch (OperationCanceledException)
            {
                return false;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }

    // The answer in the acknowledgement, or on its own (RFC 7252 §5.2.2).
    private async Task<bool> TakeAsync(byte[] datagram, ushort id)
    {
        Assert.That(CoapCodec.TryDecode(datagram, out var answer, out var error), error.ToString());
        if (answer!.Type is MessageType.Confirmable)
        {
            await SendAsync(CoapCodec.Encode(new CoapMessage(MessageType.Acknowledgement, CoapCode.Empty, answer.Id)));
        }

        if (answer.Code == CoapCode.Empty || !answer.Token.Equals(Token.From([(byte)(id >> 8), (byte)id])))
        {
            return false;
        }

        if (answer.Code.Class == 2)
        {
            Take(answer, id);
        }

        return answer.Code.Class == 2;
    }

    private void Take(CoapMessage answer, ushort id)
    {
        var payload = answer.Payload.ToArray();
        if (_answers.TryGetValue($"{id}", out var before))
        {
            Assert.That(payload, Is.EqualTo(before), "a duplicate gets the same answer");
        }

        _answers[$"{id}"] = payload;
        var command = Encoding.UTF8.GetString(payload).Split(':')[0];
        if (command.Length > 0 && !Applied.Contains(command))
        {
            Applied.Add(command);
        }
    }

    private static Socket NewSocket(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }
}
