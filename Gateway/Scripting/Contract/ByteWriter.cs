using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

#pragma warning disable CA1720 // What is read or written are these types: no other names say it better.

namespace Gateway.Scripting.Contract;

/// <summary>
/// Writes a command's bytes, one value after the other; each method gives the writer back, so that calls can be chained.
/// Numbers are written most significant byte first, with <c>LittleEndian</c> the other way round. One that does not fit throws a
/// <see cref="CommandException"/> that names it as it stands in the script, with its range, and so goes back to whoever queued the command.
/// </summary>
/// <example><code>
/// new ByteWriter().UInt8(1).UInt16(interval).ToArray()
/// </code></example>
public sealed class ByteWriter
{
    private const int Smallest = 32;
    private const int Longest = 65_535;

    private byte[] _bytes = new byte[Smallest];

    /// <summary>How many bytes are written; at most 65,535, which is more than a datagram holds.</summary>
    public int Length { get; private set; }

    /// <summary>A byte: 0 to 255.</summary>
    public ByteWriter UInt8(long value, [CallerArgumentExpression(nameof(value))] string? name = null) => Big(value, 1, 0, byte.MaxValue, name);

    /// <summary>A byte with a sign: -128 to 127.</summary>
    public ByteWriter Int8(long value, [CallerArgumentExpression(nameof(value))] string? name = null) => Big(value, 1, sbyte.MinValue, sbyte.MaxValue, name);

    /// <summary>Two bytes: 0 to 65,535.</summary>
    public ByteWriter UInt16(long value, [CallerArgumentExpression(nameof(value))] string? name = null) => Big(value, 2, 0, ushort.MaxValue, name);

    /// <summary>Two bytes, least significant first.</summary>
    public ByteWriter UInt16LittleEndian(long value, [CallerArgumentExpression(nameof(value))] string? name = null) => Little(value, 2, 0, ushort.MaxValue, name);

    /// <summary>Two bytes with a sign: -32,768 to 32,767.</summary>
    public ByteWriter Int16(long value, [CallerArgumentExpression(nameof(value))] string? name = null) => Big(value, 2, short.MinValue, short.MaxValue, name);

    /// <summary>Two bytes with a sign, least significant first.</summary>
    public ByteWriter Int16LittleEndian(long value, [CallerArgumentExpression(nameof(value))] string? name = null) => Little(value, 2, short.MinValue, short.MaxValue, name);

    /// <summary>Three bytes: 0 to 16,777,215.</summary>
    public ByteWriter UInt24(long value, [CallerArgumentExpression(nameof(value))] string? name = null) => Big(value, 3, 0, (1L << 24) - 1, name);

    /// <summary>Three bytes, least significant first.</summary>
    public ByteWriter UInt24LittleEndian(long value, [CallerArgumentExpression(nameof(value))] string? name = null) => Little(value, 3, 0, (1L << 24) - 1, name);

    /// <summary>Three bytes with a sign: -8,388,608 to 8,388,607.</summary>
    public ByteWriter Int24(long value, [CallerArgumentExpression(nameof(value))] string? name = null) => Big(value, 3, -(1L << 23), (1L << 23) - 1, name);

    /// <summary>Three bytes with a sign, least significant first.</summary>
    public ByteWriter Int24LittleEndian(long value, [CallerArgumentExpression(nameof(value))] string? name = null) => Little(value, 3, -(1L << 23), (1L << 23) - 1, name);

    /// <summary>Four bytes: 0 to 4,294,967,295.</summary>
    public ByteWriter UInt32(long value, [CallerArgumentExpression(nameof(value))] string? name = null) => Big(value, 4, 0, uint.MaxValue, name);

    /// <summary>Four bytes, least significant first.</summary>
    public ByteWriter UInt32LittleEndian(long value, [CallerArgumentExpression(nameof(value))] string? name = null) => Little(value, 4, 0, uint.MaxValue, name);

    /// <summary>Four bytes with a sign: -2,147,483,648 to 2,147,483,647.</summary>
    public ByteWriter Int32(long value, [CallerArgumentExpression(nameof(value))] string? name = null) => Big(value, 4, int.MinValue, int.MaxValue, name);

    /// <summary>Four bytes with a sign, least significant first.</summary>
    public ByteWriter Int32LittleEndian(long value, [CallerArgumentExpression(nameof(value))] string? name = null) => Little(value, 4, int.MinValue, int.MaxValue, name);

    /// <summary>Six bytes: 0 to 281,474,976,710,655.</summary>
    public ByteWriter UInt48(long value, [CallerArgumentExpression(nameof(value))] string? name = null) => Big(value, 6, 0, (1L << 48) - 1, name);

    /// <summary>Six bytes, least significant first.</summary>
    public ByteWriter UInt48LittleEndian(long value, [CallerArgumentExpression(nameof(value))] string? name = null) => Little(value, 6, 0, (1L << 48) - 1, name);

    /// <summary>Six bytes with a sign.</summary>
    public ByteWriter Int48(long value, [CallerArgumentExpression(nameof(value))] string? name = null) => Big(value, 6, -(1L << 47), (1L << 47) - 1, name);

    /// <summary>Six bytes with a sign, least significant first.</summary>
    public ByteWriter Int48LittleEndian(long value, [CallerArgumentExpression(nameof(value))] string? name = null) => Little(value, 6, -(1L << 47), (1L << 47) - 1, name);

    /// <summary>Eight bytes.</summary>
    public ByteWriter UInt64(ulong value) => Int64((long)value);

    /// <summary>Eight bytes, least significant first.</summary>
    public ByteWriter UInt64LittleEndian(ulong value) => Int64LittleEndian((long)value);

    /// <summary>Eight bytes with a sign.</summary>
    public ByteWriter Int64(long value) => Big(value, 8, long.MinValue, long.MaxValue, null);

    /// <summary>Eight bytes with a sign, least significant first.</summary>
    public ByteWriter Int64LittleEndian(long value) => Little(value, 8, long.MinValue, long.MaxValue, null);

    /// <summary>A floating-point number of two bytes (IEEE 754).</summary>
    public ByteWriter Half(Half value) => UInt16(BitConverter.HalfToUInt16Bits(value));

    /// <summary>A floating-point number of two bytes, least significant first.</summary>
    public ByteWriter HalfLittleEndian(Half value) => UInt16LittleEndian(BitConverter.HalfToUInt16Bits(value));

    /// <summary>A floating-point number of four bytes (IEEE 754).</summary>
    public ByteWriter Float(float value) => UInt32(BitConverter.SingleToUInt32Bits(value));

    /// <summary>A floating-point number of four bytes, least significant first.</summary>
    public ByteWriter FloatLittleEndian(float value) => UInt32LittleEndian(BitConverter.SingleToUInt32Bits(value));

    /// <summary>A floating-point number of eight bytes (IEEE 754).</summary>
    public ByteWriter Double(double value) => Int64(BitConverter.DoubleToInt64Bits(value));

    /// <summary>A floating-point number of eight bytes, least significant first.</summary>
    public ByteWriter DoubleLittleEndian(double value) => Int64LittleEndian(BitConverter.DoubleToInt64Bits(value));

    /// <summary>A number of variable length: seven bits in each byte, the lowest first (LEB128, as in protobuf).</summary>
    public ByteWriter VarUInt(ulong value)
    {
        while (value >= 0x80)
        {
            Room(1)[0] = (byte)(value | 0x80);
            value >>= 7;
        }

        Room(1)[0] = (byte)value;
        return this;
    }

    /// <summary>A number of variable length with a sign, which is in the lowest bit (zigzag, as in protobuf's sint32 and sint64).</summary>
    public ByteWriter VarInt(long value) => VarUInt((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>Bytes as they are.</summary>
    public ByteWriter Bytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        return this;
    }

    /// <summary>A text in UTF-8, without anything around it.</summary>
    public ByteWriter Text(string text)
    {
        Encoding.UTF8.GetBytes(text, Room(Encoding.UTF8.GetByteCount(text)));
        return this;
    }

    /// <summary>Bytes that are given as hexadecimal digits.</summary>
    /// <exception cref="CommandException">They are none, or an odd number.</exception>
    public ByteWriter Hex(string digits, [CallerArgumentExpression(nameof(digits))] string? name = null)
    {
        if (digits.Length % 2 != 0 || !digits.All(char.IsAsciiHexDigit))
        {
            throw new CommandException($"{name} must be an even number of hexadecimal digits");
        }

        Convert.FromHexString(digits, Room(digits.Length / 2), out _, out _);
        return this;
    }

    /// <summary>A number in decimal digits, two in each byte, the higher first (packed BCD).</summary>
    /// <param name="value">The number, not negative.</param>
    /// <param name="count">How many bytes it takes, 1 to 9.</param>
    /// <param name="name">What the number is called in the message.</param>
    public ByteWriter Bcd(long value, int count, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 9);
        var largest = long.Parse(new string('9', 2 * count), CultureInfo.InvariantCulture);
        return Hex(InRange(value, 0, largest, name).ToString(string.Create(CultureInfo.InvariantCulture, $"D{2 * count}"), CultureInfo.InvariantCulture));
    }

    /// <summary>So many bytes of 0.</summary>
    public ByteWriter Zeros(int count)
    {
        Room(count).Clear();
        return this;
    }

    /// <summary>What is written so far.</summary>
    public byte[] ToArray() => _bytes.AsSpan(0, Length).ToArray();

    private static long InRange(long value, long least, long most, string? name) => value >= least && value <= most
        ? value
        : throw new CommandException(string.Create(CultureInfo.InvariantCulture, $"{name} must be a whole number from {least} to {most}, not {value}"));

    private ByteWriter Big(long value, int bytes, long least, long most, string? name)
    {
        Span<byte> all = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(all, InRange(value, least, most, name));
        return Bytes(all[^bytes..]);
    }

    private ByteWriter Little(long value, int bytes, long least, long most, string? name)
    {
        Span<byte> all = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(all, InRange(value, least, most, name));
        return Bytes(all[..bytes]);
    }

    private Span<byte> Room(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count > Longest - Length)
        {
            throw new CommandException(string.Create(CultureInfo.InvariantCulture, $"the command takes more than the {Longest} bytes that a message may have"));
        }

        if (count > _bytes.Length - Length)
        {
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, Length + count));
        }

        var room = _bytes.AsSpan(Length, count);
        Length += count;
        return room;
    }
}
