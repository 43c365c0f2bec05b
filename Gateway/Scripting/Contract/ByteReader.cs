using System.Buffers.Binary;
using System.Globalization;
using System.Text;

#pragma warning disable CA1720 // What is read or written are these types: no other names say it better.

namespace Gateway.Scripting.Contract;

/// <summary>
/// Reads a payload from its beginning, one value after the other. Numbers are read most significant byte first, as in network protocols;
/// those whose names end in <c>LittleEndian</c> the other way round. A read past the end throws an <see cref="InvalidPayloadException"/>
/// that names the offset, so that a frame that is too short is answered 4.00 (Bad Request) and not counted as a fault of the script.
/// It lives on the stack: pass it on by <c>ref</c>, or the other one advances a copy.
/// </summary>
/// <example><code>
/// var reader = new ByteReader(payload);
/// var version = reader.UInt8();
/// var temperature = reader.Int16().Scaled(2); // hundredths of a degree
/// reader.ExpectEnd();
/// </code></example>
public ref struct ByteReader
{
    private const int LongestVarint = 10;
    private const int MostDecimalBytes = 9;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>Starts at a payload's first byte.</summary>
    public ByteReader(ReadOnlySpan<byte> payload) => _bytes = payload;

    /// <summary>Starts at a payload's first byte.</summary>
    public ByteReader(ReadOnlyMemory<byte> payload)
        : this(payload.Span)
    {
    }

    /// <summary>Starts at a payload's first byte.</summary>
    public ByteReader(byte[] payload)
        : this(payload.AsSpan())
    {
    }

    /// <summary>The offset of the next byte, from 0.</summary>
    public int Position { get; private set; }

    /// <summary>How many bytes are left.</summary>
    public readonly int Remaining => _bytes.Length - Position;

    /// <summary>Whether all bytes are read.</summary>
    public readonly bool End => Remaining == 0;

    /// <summary>A byte.</summary>
    public byte UInt8() => Take(1, "an 8-bit number")[0];

    /// <summary>A byte with a sign.</summary>
    public sbyte Int8() => (sbyte)UInt8();

    /// <summary>Two bytes.</summary>
    public ushort UInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2, "a 16-bit number"));

    /// <summary>Two bytes, least significant first.</summary>
    public ushort UInt16LittleEndian() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2, "a 16-bit number"));

    /// <summary>Two bytes with a sign.</summary>
    public short Int16() => (short)UInt16();

    /// <summary>Two bytes with a sign, least significant first.</summary>
    public short Int16LittleEndian() => (short)UInt16LittleEndian();

    /// <summary>Three bytes.</summary>
    public uint UInt24() => (uint)BigEndian(Take(3, "a 24-bit number"));

    /// <summary>Three bytes, least significant first.</summary>
    public uint UInt24LittleEndian() => (uint)LittleEndian(Take(3, "a 24-bit number"));

    /// <summary>Three bytes with a sign.</summary>
    public int Int24() => (int)(UInt24() << 8) >> 8;

    /// <summary>Three bytes with a sign, least significant first.</summary>
    public int Int24LittleEndian() => (int)(UInt24LittleEndian() << 8) >> 8;

    /// <summary>Four bytes.</summary>
    public uint UInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4, "a 32-bit number"));

    /// <summary>Four bytes, least significant first.</summary>
    public uint UInt32LittleEndian() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4, "a 32-bit number"));

    /// <summary>Four bytes with a sign.</summary>
    public int Int32() => (int)UInt32();

    /// <summary>Four bytes with a sign, least significant first.</summary>
    public int Int32LittleEndian() => (int)UInt32LittleEndian();

    /// <summary>Six bytes.</summary>
    public ulong UInt48() => BigEndian(Take(6, "a 48-bit number"));

    /// <summary>Six bytes, least significant first.</summary>
    public ulong UInt48LittleEndian() => LittleEndian(Take(6, "a 48-bit number"));

    /// <summary>Six bytes with a sign.</summary>
    public long Int48() => (long)(UInt48() << 16) >> 16;

    /// <summary>Six bytes with a sign, least significant first.</summary>
    public long Int48LittleEndian() => (long)(UInt48LittleEndian() << 16) >> 16;

    /// <summary>Eight bytes.</summary>
    public ulong UInt64() => BinaryPrimitives.ReadUInt64BigEndian(Take(8, "a 64-bit number"));

    /// <summary>Eight bytes, least significant first.</summary>
    public ulong UInt64LittleEndian() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8, "a 64-bit number"));

    /// <summary>Eight bytes with a sign.</summary>
    public long Int64() => (long)UInt64();

    /// <summary>Eight bytes with a sign, least significant first.</summary>
    public long Int64LittleEndian() => (long)UInt64LittleEndian();

    /// <summary>A floating-point number of two bytes (IEEE 754). It may be NaN or infinite, which no reading takes.</summary>
    public Half Half() => BitConverter.UInt16BitsToHalf(UInt16());

    /// <summary>A floating-point number of two bytes, least significant first.</summary>
    public Half HalfLittleEndian() => BitConverter.UInt16BitsToHalf(UInt16LittleEndian());

    /// <summary>A floating-point number of four bytes (IEEE 754). It may be NaN or infinite, which no reading takes.</summary>
    public float Float() => BitConverter.UInt32BitsToSingle(UInt32());

    /// <summary>A floating-point number of four bytes, least significant first.</summary>
    public float FloatLittleEndian() => BitConverter.UInt32BitsToSingle(UInt32LittleEndian());

    /// <summary>A floating-point number of eight bytes (IEEE 754). It may be NaN or infinite, which no reading takes.</summary>
    public double Double() => BitConverter.UInt64BitsToDouble(UInt64());

    /// <summary>A floating-point number of eight bytes, least significant first.</summary>
    public double DoubleLittleEndian() => BitConverter.UInt64BitsToDouble(UInt64LittleEndian());

    /// <summary>A number of variable length: seven bits in each byte, the lowest first, and the top bit while more follow (LEB128, as in protobuf).</summary>
    public ulong VarUInt()
    {
        var start = Position;
        var number = 0UL;
        for (var i = 0; i < LongestVarint; i++)
        {
            var part = Take(1, "a number of variable length")[0];
            if (i == LongestVarint - 1 && part > 1)
            {
                break;
            }

            number |= (ulong)(part & 0x7F) << (7 * i);
            if (part < 0x80)
            {
                return number;
            }
        }

        throw Invalid(start, "a number of variable length has more than 64 bits");
    }

    /// <summary>A number of variable length with a sign, which is in the lowest bit (zigzag, as in protobuf's sint32 and sint64).</summary>
    public long VarInt()
    {
        var number = VarUInt();
        return (long)(number >> 1) ^ -(long)(number & 1);
    }

    /// <summary>So many bytes, as an array of their own.</summary>
    public byte[] Bytes(int count) => Take(count, "bytes").ToArray();

    /// <summary>So many bytes as a text in UTF-8, as they are: zeros that fill it up are trimmed by <c>TrimEnd('\0')</c>.</summary>
    /// <exception cref="InvalidPayloadException">They are no UTF-8, or there are not so many.</exception>
    public string Text(int count)
    {
        var start = Position;
        var bytes = Take(count, "a text");
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Invalid(start, "a text is not in UTF-8");
        }
    }

    /// <summary>So many bytes as a text in ASCII.</summary>
    /// <exception cref="InvalidPayloadException">One of them is above 127, or there are not so many.</exception>
    public string Ascii(int count)
    {
        var start = Position;
        var bytes = Take(count, "a text");
        return System.Text.Ascii.IsValid(bytes) ? Encoding.ASCII.GetString(bytes) : throw Invalid(start, "a text is not in ASCII");
    }

    /// <summary>So many bytes as hexadecimal digits, in lower case: what serial numbers are usually written as.</summary>
    public string Hex(int count) => Convert.ToHexStringLower(Take(count, "hexadecimal digits"));

    /// <summary>So many bytes as decimal digits, two in each, the higher first (packed BCD).</summary>
    /// <exception cref="InvalidPayloadException">One is no digit, or there are not so many.</exception>
    public string BcdDigits(int count)
    {
        var start = Position;
        var digits = Hex(count);
        return digits.AsSpan().IndexOfAnyExceptInRange('0', '9') is var at and >= 0
            ? throw Invalid(start + (at / 2), $"\"{digits[at]}\" is no decimal digit")
            : digits;
    }

    /// <summary>A number in decimal digits, two in each byte, the higher first (packed BCD).</summary>
    /// <param name="count">How many bytes, 1 to 9.</param>
    /// <exception cref="InvalidPayloadException">One is no digit, or there are not so many.</exception>
    public long Bcd(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MostDecimalBytes);
        return long.Parse(BcdDigits(count), NumberStyles.None, CultureInfo.InvariantCulture);
    }

    /// <summary>The bytes that are left.</summary>
    public byte[] Rest() => Bytes(Remaining);

    /// <summary>Passes over so many bytes.</summary>
    public void Skip(int count) => Take(count, "what is passed over");

    /// <summary>The next byte, without moving on.</summary>
    public readonly byte Peek()
    {
        var copy = this;
        return copy.UInt8();
    }

    /// <summary>Makes sure that all bytes are read.</summary>
    /// <exception cref="InvalidPayloadException">There are more.</exception>
    public readonly void ExpectEnd()
    {
        if (!End)
        {
            throw Invalid(Position, string.Create(CultureInfo.InvariantCulture, $"the payload should end here, {Remaining} more {(Remaining == 1 ? "byte is" : "bytes are")} left"));
        }
    }

    private static ulong BigEndian(ReadOnlySpan<byte> bytes)
    {
        var number = 0UL;
        foreach (var part in bytes)
        {
            number = (number << 8) | part;
        }

        return number;
    }

    private static ulong LittleEndian(ReadOnlySpan<byte> bytes)
    {
        var number = 0UL;
        for (var i = bytes.Length - 1; i >= 0; i--)
        {
            number = (number << 8) | bytes[i];
        }

        return number;
    }

    private static InvalidPayloadException Invalid(int offset, string what) => new(string.Create(CultureInfo.InvariantCulture, $"offset {offset}: {what}"));

    // A count is often read from the payload itself, so an impossible one is the payload's fault too.
    private ReadOnlySpan<byte> Take(int count, string what)
    {
        if (count < 0 || count > Remaining)
        {
            throw Invalid(Position, string.Create(
                CultureInfo.InvariantCulture, $"{count} byte{(count == 1 ? " is" : "s are")} needed for {what}, {Remaining} {(Remaining == 1 ? "is" : "are")} left"));
        }

        var taken = _bytes.Slice(Position, count);
        Position += count;
        return taken;
    }
}
