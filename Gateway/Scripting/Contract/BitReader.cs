using System.Globalization;

#pragma warning disable CA1720 // What is read or written are these types: no other names say it better.

namespace Gateway.Scripting.Contract;

/// <summary>
/// Reads fields of any number of bits, from the most significant bit of the first byte on.
/// A read past the end throws an <see cref="InvalidPayloadException"/> that names the place. Pass it on by <c>ref</c>.
/// </summary>
/// <example><code>
/// var bits = new BitReader(reader.Bytes(3));
/// var isOpen = bits.Flag();
/// var battery = bits.UInt(7);
/// var temperature = bits.Int(12).Scaled(1);
/// </code></example>
public ref struct BitReader
{
    private const int Widest = 64;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>Starts at the first bit.</summary>
    public BitReader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Starts at the first bit.</summary>
    public BitReader(byte[] bytes)
        : this(bytes.AsSpan())
    {
    }

    /// <summary>How many bits are read.</summary>
    public long Position { get; private set; }

    /// <summary>How many bits are left.</summary>
    public readonly long Remaining => (8L * _bytes.Length) - Position;

    /// <summary>One bit.</summary>
    public bool Flag() => UInt(1) != 0;

    /// <summary>A number without a sign.</summary>
    /// <param name="bits">How many bits, 1 to 64.</param>
    public ulong UInt(int bits)
    {
        Check(bits);
        var number = 0UL;
        for (var i = 0; i < bits; i++)
        {
            number = (number << 1) | (uint)((_bytes[(int)(Position >> 3)] >> (7 - (int)(Position & 7))) & 1);
            Position++;
        }

        return number;
    }

    /// <summary>A number with a sign, in two's complement.</summary>
    /// <param name="bits">How many bits, 1 to 64.</param>
    public long Int(int bits) => (long)(UInt(bits) << (Widest - bits)) >> (Widest - bits);

    /// <summary>Passes over bits.</summary>
    /// <param name="bits">How many, 1 to 64.</param>
    public void Skip(int bits)
    {
        Check(bits);
        Position += bits;
    }

    private readonly void Check(int bits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, Widest);
        if (bits > Remaining)
        {
            throw new InvalidPayloadException(string.Create(
                CultureInfo.InvariantCulture,
                $"offset {Position >> 3}, bit {Position & 7}: {bits} bit{(bits == 1 ? " is" : "s are")} needed, {Remaining} {(Remaining == 1 ? "is" : "are")} left"));
        }
    }
}
