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

    private const int HeaderSize = 4;
    private const int Version = 1;

    /// <summary>Reads a datagram. The message has its own copy of the bytes.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> datagram, [NotNullWhen(true)] out CoapMessage? message, out DecodeError error)
    {
        message = null;
        error = CheckHeader(datagram);
        if (error != DecodeError.None)
        {
            return false;
        }

        var tokenLength = datagram[0] & 0x0f;
        var body = datagram[(HeaderSize + tokenLength)..];
        error = Measure(body, out var optionCount, out var payloadStart);
        if (error != DecodeError.None)
        {
            return false;
        }

        var owned = body.ToArray();
        message = new CoapMessage(TypeOf(datagram), new CoapCode(datagram[1]), IdOf(datagram))
        {
            Token = Token.From(datagram.Slice(HeaderSize, tokenLength)),
            Options = ReadOptions(owned, optionCount),
            Payload = owned.AsMemory(payloadStart),
        };
        return true;
    }

    /// <summary>The type of a datagram that is at least a header long, even if the rest is malformed.</summary>
    public static MessageType TypeOf(ReadOnlySpan<byte> datagram) => (MessageType)((datagram[0] >> 4) & 0x03);

    /// <summary>The message ID of a datagram that is at least a header long, even if the rest is malformed.</summary>
    public static MessageId IdOf(ReadOnlySpan<byte> datagram) => new(BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]));

    /// <summary>The bytes of a message, its options put in order; options of the same number stay in theirs.</summary>
    /// <exception cref="ArgumentException">An option's number or length is out of what the format can say.</exception>
    public static byte[] Encode(CoapMessage message)
    {
        var options = InOrder(message.Options);
        var token = message.Token;
        var payload = message.Payload.Span;
        var size = HeaderSize + token.Length + OptionWriter.SizeOf(options) + (payload.IsEmpty ? 0 : 1 + payload.Length);

        var datagram = new byte[size];
        datagram[0] = (byte)((Version << 6) | ((int)message.Type << 4) | token.Length);
        datagram[1] = message.Code.Value;
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), message.Id.Value);
        token.CopyTo(datagram.AsSpan(HeaderSize));
        OptionWriter.Write(options, datagram.AsSpan(HeaderSize + token.Length));
        if (!payload.IsEmpty)
        {
            datagram[size - payload.Length - 1] = OptionReader.PayloadMarker;
            payload.CopyTo(datagram.AsSpan(size - payload.Length));
        }

        return datagram;
    }

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

    private static DecodeError Measure(ReadOnlySpan<byte> body, out int optionCount, out int payloadStart)
    {
        var reader = new OptionReader(body);
        for (optionCount = 0; reader.MoveNext(); optionCount++)
        {
        }

        payloadStart = reader.PayloadStart;
        return reader.Error;
    }

    private static CoapOption[] ReadOptions(byte[] body, int count)
    {
        if (count == 0)
        {
            return [];
        }

        var options = new CoapOption[count];
        var reader = new OptionReader(body);
        for (var index = 0; reader.MoveNext(); index++)
        {
            options[index] = new CoapOption(reader.Number, body.AsMemory(reader.ValueStart, reader.ValueLength));
        }

        return options;
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
