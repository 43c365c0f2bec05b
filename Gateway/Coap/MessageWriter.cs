using System.Buffers.Binary;
using System.Numerics;

namespace Gateway.Coap;

/// <summary>Writes a message into memory that is large enough (<see cref="CoapCodec.MaxDatagramSize"/> always is): header, options in the order of their numbers, payload.</summary>
internal ref struct MessageWriter
{
    private readonly Span<byte> _destination;
    private int _lastOption;

    /// <summary>Begins with the header and the token.</summary>
    public MessageWriter(Span<byte> destination, MessageType type, CoapCode code, MessageId id, Token token)
    {
        _destination = destination;
        destination[0] = (byte)((CoapCodec.Version << 6) | ((int)type << 4) | token.Length);
        destination[1] = code.Value;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], id.Value);
        token.CopyTo(destination[CoapCodec.HeaderSize..]);
        Length = CoapCodec.HeaderSize + token.Length;
    }

    /// <summary>The bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>Adds an option, whose number must not be below that of the one before.</summary>
    public void Option(int number, scoped ReadOnlySpan<byte> value)
    {
        Length += OptionWriter.Write(number - _lastOption, value, _destination[Length..]);
        _lastOption = number;
    }

    /// <summary>Adds an option that is a number, in as few bytes as it takes (RFC 7252 §3.2).</summary>
    public void Option(int number, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        Option(number, bytes[(BitOperations.LeadingZeroCount(value) / 8)..]);
    }

    /// <summary>Ends the message with its payload, which may be empty.</summary>
    public void Payload(scoped ReadOnlySpan<byte> payload)
    {
        if (!payload.IsEmpty)
        {
            _destination[Length++] = OptionReader.PayloadMarker;
            payload.CopyTo(_destination[Length..]);
            Length += payload.Length;
        }
    }
}
