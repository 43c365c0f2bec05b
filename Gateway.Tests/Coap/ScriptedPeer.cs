using System.Text;
using Gateway.Coap;

namespace Gateway.Tests.Coap;

/// <summary>A device that follows a script: <c>Send(CON, 0x1234, GET, "/now").Expect(ACK, 0x1234, "2.05")</c>.</summary>
internal abstract class ScriptedPeer
{
    private CoapMessage? _last;

    /// <summary>The message that was expected last.</summary>
    public CoapMessage Last => _last ?? throw new InvalidOperationException("nothing was expected yet");

    public byte[] LastDatagram { get; private set; } = [];

    public string LastText => Encoding.UTF8.GetString(Last.Payload.Span);

    public Token Token { get; set; } = Token.From([0xca, 0xfe]);

    public ScriptedPeer Send(MessageType type, int id, CoapCode code, string path = "", string payload = "", params CoapOption[] options)
    {
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return SendBytes(CoapCodec.Encode(new CoapMessage(type, code, new MessageId((ushort)id))
        {
            Token = Token,
            Options = [.. segments.Select(segment => new CoapOption(OptionNumber.UriPath, Encoding.UTF8.GetBytes(segment))), .. options],
            Payload = Encoding.UTF8.GetBytes(payload),
        }));
    }

    /// <summary>Sends a message that is only a header: an acknowledgement, a reset, a ping.</summary>
    public ScriptedPeer Send(MessageType type, MessageId id) => SendBytes(CoapCodec.Encode(new CoapMessage(type, CoapCode.Empty, id)));

    public ScriptedPeer Send(MessageType type, int id) => Send(type, new MessageId((ushort)id));

    public ScriptedPeer SendBytes(byte[] datagram)
    {
        Transmit(datagram);
        return this;
    }

    public ScriptedPeer Expect(MessageType type, int id, string code = "0.00")
    {
        Expect(type, code);
        Assert.That(Last.Id, Is.EqualTo(new MessageId((ushort)id)));
        return this;
    }

    /// <summary>Expects a message whose ID the server chooses.</summary>
    public ScriptedPeer Expect(MessageType type, string code)
    {
        LastDatagram = Receive() ?? throw new AssertionException($"expected {type} {code}, but nothing came");
        var decoded = CoapCodec.TryDecode(LastDatagram, out _last, out var error);
        Assert.That(decoded, Is.True, $"what came is no CoAP message: {error}");
        Assert.That($"{Last.Type} {Last.Code}", Is.EqualTo($"{type} {Codes.Code(code)}"), LastText);
        Assert.That(Last.Token, Is.EqualTo(Last.Code.IsEmpty ? default : Token));
        return this;
    }

    public abstract ScriptedPeer ExpectSilence();

    protected abstract void Transmit(byte[] datagram);

    /// <summary>The next datagram; null when there is none.</summary>
    protected abstract byte[]? Receive();

}
