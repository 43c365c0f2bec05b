using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Gateway.Coap;

/// <summary>Messages to bytes and back. Pure: it keeps nothing, and no input makes it throw.</summary>
//
// RFC 7252 §3, figure 7: a message is
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +---+---+-------+---------------+-------------------------------+
//   | V | T |  TKL  |     code      |          message ID           |   V: version 1, T: type, TKL: the token's length
//   +---+---+-------+---------------+-------------------------------+
//   | token: TKL bytes, 0 to 8                                      |
//   +---------------------------------------------------------------+
//   | options, each as drawn at OptionReader                        |
//   +---------------+-----------------------------------------------+
//   |     0xff      | payload: the rest of the datagram             |   only where there is a payload
//   +---------------+-----------------------------------------------+
internal static class CoapCodec
{
    /// <summary>The most that fits in a datagram over IPv4: 65535 bytes less the headers of IP and UDP.</summary>
    public const int MaxDatagramSize = 65507;

    public const int HeaderSize = 4;
    public const int Version = 1;

    /// <summary>Reads a datagram in place.</summary>
    public static bool TryRead(ReadOnlySpan<byte> datagram, out MessageView message, out DecodeError error)
    {
        message = default;
        error = CheckHeader(datagram);
        if (error != DecodeError.None)
        {
            return false;
        }

        var bodyStart = HeaderSize + (datagram[0] & 0x0f);
        var reader = new OptionReader(datagram[bodyStart..]);
        var optionCount = 0;
        while (reader.MoveNext())
        {
            optionCount++;
        }

        error = reader.Error;
        message = new MessageView(datagram, bodyStart, bodyStart + reader.PayloadStart, optionCount);
        return error == DecodeError.None;
    }

    /// <summary>Reads a datagram. The message has its own copy of the bytes.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> datagram, [NotNullWhen(true)] out CoapMessage? message, out DecodeError error)
    {
        message = TryRead(datagram, out var view, out error) ? view.ToMessage() : null;
        return message is not null;
    }

    /// <summary>The type of a datagram that is at least a header long, even if the rest is malformed.</summary>
    public static MessageType TypeOf(ReadOnlySpan<byte> datagram) => (MessageType)((datagram[0] >> 4) & 0x03);

    /// <summary>The code of a datagram that is at least a header long, even if the rest is malformed.</summary>
    public static CoapCode CodeOf(ReadOnlySpan<byte> datagram) => new(datagram[1]);

    /// <summary>The message ID of a datagram that is at least a header long, even if the rest is malformed.</summary>
    public static MessageId IdOf(ReadOnlySpan<byte> datagram) => new(BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]));

    /// <summary>The bytes of a message, its options put in order; options of the same number stay in theirs.</summary>
    /// <exception cref="ArgumentException">An option's number or length is out of what the format can say.</exception>
    public static byte[] Encode(CoapMessage message)
    {
        var options = InOrder(message.Options);
        var payload = message.Payload.Length;
        var datagram = new byte[HeaderSize + message.Token.Length + OptionWriter.SizeOf(options) + (payload == 0 ? 0 : 1 + payload)];
        var writer = new MessageWriter(datagram, message.Type, message.Code, message.Id, message.Token);
        for (var index = 0; index < options.Count; index++)
        {
            writer.Option(options[index].Number, options[index].Value.Span);
        }

        writer.Payload(message.Payload.Span);
        return datagram;
    }

    /// <summary>A message that is only a header: an empty acknowledgement or a reset (RFC 7252 §4.2).</summary>
    public static void WriteEmpty(Span<byte> destination, MessageType type, MessageId id) => _ = new MessageWriter(destination, type, CoapCode.Empty, id, default);

    private static DecodeError CheckHeader(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < HeaderSize)
        {
            return DecodeError.TooShort;
        }

        if (datagram[0] >> 6 != Version)
        {
            return DecodeError.WrongVersion;
        }

        // RFC 7252 §4.1: an Empty message ends after its message ID.
        var tokenLength = datagram[0] & 0x0f;
        if (datagram[1] == 0 && (tokenLength > 0 || datagram.Length > HeaderSize))
        {
            return DecodeError.EmptyMessageWithContent;
        }

        if (tokenLength > Token.MaxLength)
        {
            return DecodeError.ReservedTokenLength;
        }

        return datagram.Length < HeaderSize + tokenLength ? DecodeError.TruncatedToken : DecodeError.None;
    }

    private static IReadOnlyList<CoapOption> InOrder(IReadOnlyList<CoapOption> options)
    {
        for (var index = 1; index < options.Count; index++)
        {
            if (options[index - 1].Number > options[index].Number)
            {
                // OrderBy is stable, which repeatable options need: /a/b is not /b/a.
                return [.. options.OrderBy(option => option.Number)];
            }
        }

        return options;
    }
}
