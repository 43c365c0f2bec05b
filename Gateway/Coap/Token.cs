using System.Buffers.Binary;

namespace Gateway.Coap;

/// <summary>The client's name for its request, repeated in the answer: 0 to 8 bytes (RFC 7252 §5.3.1), kept in place.</summary>
internal readonly record struct Token
{
    public const int MaxLength = 8;

    // The token's bytes from the most significant one on, the rest 0: so that equal tokens are equal numbers.
    private readonly ulong _bytes;
    private readonly byte _length;

    private Token(ulong bytes, byte length) => (_bytes, _length) = (bytes, length);

    public int Length => _length;

    /// <exception cref="ArgumentOutOfRangeException">More than 8 bytes.</exception>
    public static Token From(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, MaxLength, nameof(bytes));
        Span<byte> padded = stackalloc byte[MaxLength];
        padded.Clear();
        bytes.CopyTo(padded);
        return new Token(BinaryPrimitives.ReadUInt64BigEndian(padded), (byte)bytes.Length);
    }

    public void CopyTo(Span<byte> destination)
    {
        Span<byte> padded = stackalloc byte[MaxLength];
        BinaryPrimitives.WriteUInt64BigEndian(padded, _bytes);
        padded[.._length].CopyTo(destination);
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[MaxLength];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes[.._length]);
    }
}
