using System.Diagnostics.CodeAnalysis;

namespace Gateway.Coap;

/// <summary>The value of Block1 and Block2: which part of a body a message is about (RFC 7959 §2.2).</summary>
/// <param name="Number">The block's number, 0 to 1,048,575; its first byte is number × size of the body.</param>
/// <param name="More">Whether more blocks follow.</param>
/// <param name="SizeExponent">0 to 6: a block has 2^(4 + this) bytes, 16 to 1024.</param>
//
//    0                   1                   2
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3
//   +-------------------------------------+-+-------+
//   |                NUM                  |M|  SZX  |   in as few bytes as it takes: 0 to 3
//   +-------------------------------------+-+-------+
//
internal readonly record struct BlockOption(int Number, bool More, int SizeExponent)
{
    public const int MaxNumber = 0xfffff;
    public const int MaxSizeExponent = 6;

    private const int MaxLength = 3;

    /// <summary>The bytes of a full block.</summary>
    public int Size => 16 << SizeExponent;

    /// <summary>Where in the body the block begins.</summary>
    public int Offset => Number << (SizeExponent + 4);

    /// <summary>Reads the value; false for more than three bytes and for the reserved SZX of 7, which RFC 7959 §2.2 has answered 4.00.</summary>
    public static bool TryRead(ReadOnlySpan<byte> value, [NotNullWhen(true)] out BlockOption? block)
    {
        var number = value.Length <= MaxLength ? UintOption.Read(value) : 7;
        block = (number & 7) <= MaxSizeExponent ? new BlockOption((int)(number >> 4), (number & 8) != 0, (int)(number & 7)) : null;
        return block is not null;
    }

    /// <summary>The largest size exponent whose blocks have at most so many bytes.</summary>
    public static int ExponentFor(int size) => Math.Clamp(int.Log2(Math.Max(size, 16)) - 4, 0, MaxSizeExponent);

    /// <summary>The option, as Block1 or Block2.</summary>
    public CoapOption ToOption(int optionNumber) => UintOption.Of(optionNumber, ((uint)Number << 4) | (More ? 8u : 0) | (uint)SizeExponent);

    /// <summary><c>3/1/1024</c>, as RFC 7959 §3 writes it.</summary>
    public override string ToString() => $"{Number}/{(More ? 1 : 0)}/{Size}";
}
