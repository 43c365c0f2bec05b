using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Coap;

namespace Gateway.Tests.EndToEnd;

/// <summary>
/// A device that stays awake: it asks for commands, observes them, and serves requests. What the gateway sends again, because the machine is
/// busy, it answers again and tells nobody of.
/// </summary>
internal sealed class AwakeDevice(string name, int gatewayPort) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Socket _socket = NewSocket(gatewayPort);
    private readonly Dictionary<MessageId, byte[]?> _answers = [];
    private ushort _lastId = (ushort)(name.GetHashCode(StringComparison.Ordinal) & 0x7fff);

    public string Name => name;

    /// <summary>The token with which it observes.</summary>
    public Token Token { get; } = Token.From([0xaa, 0xbb]);

    /// <summary>Asks for its next command: with 0 it observes from now on, with 1 no longer.</summary>
    public Task<CoapMessage> AskAsync(uint? observe = null, MessageType type = MessageType.Confirmable, params CoapOption[] options) => RequestAsync(
        CoapCode.Get, $"/devices/{name}/commands", "", type, [.. observe is { } value ? [UintOption.Of(OptionNumber.Observe, value)] : Array.Empty<CoapOption>(), .. options]);

    /// <summary>Sends a frame; gives its answer.</summary>
    public Task<CoapMessage> SpeakAsync(string payload = "") => RequestAsync(CoapCode.Post, $"/devices/{name}/data", payload, MessageType.Confirmable, []);

    /// <summary>The next message that the gateway sends of its own accord.</summary>
    public async Task<CoapMessage> ReceiveAsync()
    {
        while (true)
        {
            var message = await NextAsync();
            if (message.Type is MessageType.Confirmable or MessageType.NonConfirmable && IsNew(message))
            {
                return message;
            }
        }
    }

    public void Acknowledge(CoapMessage message) => Answer(message, CoapMessage.EmptyAcknowledgement(message.Id));

    public void Reset(CoapMessage message) => Answer(message, CoapMessage.Reset(message.Id));

    /// <summary>Answers a request of the gateway, in the acknowledgement or in a NON.</summary>
    public void Answer(CoapMessage request, CoapCode code, string payload = "", params CoapOption[] options) => Answer(
        request,
        new CoapMessage(request.Type is MessageType.Confirmable ? MessageType.Acknowledgement : MessageType.NonConfirmable, code, request.Type is MessageType.Confirmable ? request.Id : new MessageId(++_lastId))
        {
            Token = request.Token,
            Options = options,
            Payload = Encoding.UTF8.GetBytes(payload),
        });

    /// <summary>That nothing comes: a ping behind it all is answered first.</summary>
    public async Task ExpectSilenceAsync()
    {
        var ping = new MessageId(++_lastId);
        _socket.Send(CoapCodec.Encode(new CoapMessage(MessageType.Confirmable, CoapCode.Empty, ping)));
        while (await NextAsync() is var message && message.Id != ping)
        {
            Assert.That(message.Type is MessageType.Confirmable or MessageType.NonConfirmable && IsNew(message), Is.False, $"{message.Code} {TextOf(message)}");
        }
    }

    public static string TextOf(CoapMessage message) => Encoding.UTF8.GetString(message.Payload.Span);

    public static bool IsNotification(CoapMessage message) => message.Options.Any(option => option.Number == OptionNumber.Observe);

    public static string PathOf(CoapMessage message) =>
        string.Concat(message.Options.Where(option => option.Number == OptionNumber.UriPath).Select(option => "/" + Encoding.UTF8.GetString(option.Value.Span)));

    public void Dispose() => _socket.Dispose();

    private async Task<CoapMessage> RequestAsync(CoapCode method, string path, string payload, MessageType type, CoapOption[] options)
    {
        var request = new CoapMessage(type, method, new MessageId(++_lastId))
        {
            Token = Token,
            Options = [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(segment => new CoapOption(OptionNumber.UriPath, Encoding.UTF8.GetBytes(segment))).Concat(options).OrderBy(option => option.Number)],
            Payload = Encoding.UTF8.GetBytes(payload),
        };
        _socket.Send(CoapCodec.Encode(request));
        while (true)
        {
            // A separate answer is a CON of its own (RFC 7252 §5.2.2).
            var answer = await NextAsync();
            if (answer.Type is MessageType.Confirmable && !answer.Code.IsEmpty && answer.Code.IsResponse && IsNew(answer))
            {
                Acknowledge(answer);
            }

            if (answer.Code.IsResponse && (type is MessageType.NonConfirmable || answer.Id == request.Id || answer.Type is MessageType.Confirmable))
            {
                return answer;
            }
        }
    }

    private bool IsNew(CoapMessage message)
    {
        if (_answers.TryAdd(message.Id, null))
        {
            return true;
        }

        if (_answers[message.Id] is { } answer)
        {
            _socket.Send(answer);
        }

        return false;
    }

    private void Answer(CoapMessage message, CoapMessage answer)
    {
        var datagram = CoapCodec.Encode(answer);
        _answers[message.Id] = datagram;
        _socket.Send(datagram);
    }

    private async Task<CoapMessage> NextAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        var buffer = new byte[2048];
        var length = await _socket.ReceiveAsync(buffer, patience.Token);
        Assert.That(CoapCodec.TryDecode(buffer.AsSpan(0, length), out var message, out var error), error.ToString());
        return message!;
    }

    private static Socket NewSocket(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }
}
