using System.Buffers.Binary;

namespace Gateway.Coap;

/// <summary>Writes an option in the form drawn at <see cref="OptionReader"/>.</summary>
internal static class OptionWriter
{
    private const int MaxNumber = 65535;
    private const int MaxLength = 269 + 65535;

    /// <summary>How many bytes options take that are in the order of their numbers.</summary>
    /// <exception cref="ArgumentException">A number or a length is out of what the format can say.</exception>
    public static int SizeOf(IReadOnlyList<CoapOption> options)
    {
        var size = 0;
        var previous = 0;
        for (var index = 0; index < options.Count; index++)
        {
            var (number, value) = options[index];
            if (number is < 0 or > MaxNumber || value.Length > MaxLength)
            {
                throw new ArgumentException($"no option can have the number {number} and {value.Length} bytes", nameof(options));
            }

            size += 1 + ExtensionOf(number - previous) + ExtensionOf(value.Length) + value.Length;
            previous = number;
        }

        return size;
    }

    /// <summary>Writes one option; returns its size.</summary>
    /// <param name="delta">How far its number is from that of the option before.</param>
    /// <param name="value">Its value.</param>
    /// <param name="destination">Where it goes.</param>
    public static int Write(int delta, ReadOnlySpan<byte> value, Span<byte> destination)
    {
        destination[0] = (byte)((NibbleOf(delta) << 4) | NibbleOf(value.Length));
        var size = 1 + WriteExtension(delta, destination[1..]);
        size += WriteExtension(value.Length, destination[size..]);
        value.CopyTo(destination[size..]);
        return size + value.Length;
    }

    private static int NibbleOf(int value) => value < 13 ? value : value < 269 ? 13 : 14;

    private static int ExtensionOf(int value) => value < 13 ? 0 : value < 269 ? 1 : 2;

    private static int WriteExtension(int value, Span<byte> destination)
    {
        var size = ExtensionOf(value);
        switch (size)
        {
            case 1:
                destination[0] = (byte)(value - 13);
                break;
            case 2:
                BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)(value - 269));
                break;
        }

        return size;
    }
}
