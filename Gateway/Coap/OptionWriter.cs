using System.Buffers.Binary;

namespace Gateway.Coap;

/// <summary>Writes options that are in the order of their numbers, in the form drawn at <see cref="OptionReader"/>.</summary>
internal static class OptionWriter
{
    private const int MaxNumber = 65535;
    private const int MaxLength = 269 + 65535;

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

    public static void Write(IReadOnlyList<CoapOption> options, Span<byte> destination)
    {
        var previous = 0;
        for (var index = 0; index < options.Count; index++)
        {
            var (number, value) = options[index];
            var delta = number - previous;
            destination[0] = (byte)((NibbleOf(delta) << 4) | NibbleOf(value.Length));
            destination = destination[1..];
            WriteExtension(delta, ref destination);
            WriteExtension(value.Length, ref destination);
            value.Span.CopyTo(destination);
            destination = destination[value.Length..];
            previous = number;
        }
    }

    private static int NibbleOf(int value) => value < 13 ? value : value < 269 ? 13 : 14;

    private static int ExtensionOf(int value) => value < 13 ? 0 : value < 269 ? 1 : 2;

    private static void WriteExtension(int value, ref Span<byte> destination)
    {
        switch (ExtensionOf(value))
        {
            case 1:
                destination[0] = (byte)(value - 13);
                destination = destination[1..];
                break;
            case 2:
                BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)(value - 269));
                destination = destination[2..];
                break;
        }
    }
}
