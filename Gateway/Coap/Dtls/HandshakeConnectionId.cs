using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Gateway.Coap.Dtls;

/// <summary>The connection ids that this side gives out: eight bytes, of which the first tells a balancer the node, and the rest is chance.</summary>
internal static class HandshakeConnectionId
{
    public const int Length = 8;

    private const byte HighestBit = 0x80;

    /// <summary>A new one, never 0.</summary>
    public static ulong New(int node)
    {
        Span<byte> bytes = stackalloc byte[Length];
        RandomNumberGenerator.Fill(bytes);
        bytes[0] = (byte)(HighestBit | node);
        return Read(bytes);
    }

    public static ulong Read(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64BigEndian(bytes);

    public static byte[] ToBytes(ulong number)
    {
        var bytes = new byte[Length];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        return bytes;
    }
}
