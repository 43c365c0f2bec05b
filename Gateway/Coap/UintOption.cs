using System.Buffers.Binary;
using System.Numerics;

namespace Gateway.Coap;

/// <summary>An option's value that is a number: big-endian, without leading zeros, 0 as no bytes at all (RFC 7252 §3.2).</summary>
internal static class UintOption
{
    public static CoapOption Of(int number, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return new CoapOption(number, bytes[(BitOperations.LeadingZeroCount(value) / 8)..].ToArray());
    }

    /// <summary>The number in at most four bytes; leading zeros are taken (RFC 7252 §3.2).</summary>
    public static uint Read(ReadOnlySpan<byte> value)
    {
        var number = 0u;
        foreach (var part in value)
        {
            number = (number << 8) | part;
        }

        return number;
    }
}
