using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Gateway.Journal;

/// <summary>
/// Reads a record's fields one after the other. Once one does not fit, <see cref="Failed"/> stays set and all that follow are
/// empty, so that it need be asked only at the end.
/// </summary>
/// <param name="source">The fields.</param>
/// <param name="memory">Where bytes that are kept are copied to; null for arrays of their own.</param>
internal ref struct FieldReader(ReadOnlySpan<byte> source, RecordMemory? memory = null)
{
    private ReadOnlySpan<byte> _rest = source;

    public bool Failed { get; private set; }

    public readonly bool AtEnd => _rest.IsEmpty;

    public byte Byte()
    {
        var bytes = Take(1);
        return bytes.IsEmpty ? (byte)0 : bytes[0];
    }

    public long Int64()
    {
        var bytes = Take(sizeof(long));
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }

    public uint VarUInt32()
    {
        ulong value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                Failed |= value > uint.MaxValue;
                return Failed ? 0 : (uint)value;
            }
        }

        Failed = true;
        return 0;
    }

    public ulong VarUInt64()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = Byte();

            // The tenth byte has room for one bit.
            if (shift == 63 && next > 1)
            {
                break;
            }

            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return Failed ? 0 : value;
            }
        }

        Failed = true;
        return 0;
    }

    /// <summary>A number that may not be negative and that <see cref="int"/> holds.</summary>
    public int Count()
    {
        var value = VarUInt32();
        Failed |= value > int.MaxValue;
        return Failed ? 0 : (int)value;
    }

    /// <summary>A record's sequence.</summary>
    public long Sequence()
    {
        var value = VarUInt64();
        Failed |= value > long.MaxValue;
        return Failed ? 0 : (long)value;
    }

    /// <summary>A value of an enum of bytes, which must be one that this gateway knows.</summary>
    public T Choice<T>()
        where T : struct, Enum
    {
        var value = Byte();
        var choice = Unsafe.BitCast<byte, T>(value);
        Failed |= !Enum.IsDefined(choice);
        return choice;
    }

    /// <summary>An instant, in ticks of 100 ns since 0001-01-01 UTC.</summary>
    public DateTimeOffset Instant()
    {
        var ticks = Int64();
        Failed |= ticks < 0 || ticks > DateTime.MaxValue.Ticks;
        return Failed ? default : new DateTimeOffset(ticks, TimeSpan.Zero);
    }

    public string Text() => Encoding.UTF8.GetString(Bytes());

    /// <summary>A text that many records have: see <see cref="TextCache"/>.</summary>
    public string Name() => TextCache.Of(Bytes());

    public ReadOnlyMemory<byte> Blob()
    {
        var bytes = Bytes();
        var copy = Room(bytes.Length);
        bytes.CopyTo(copy.Span);
        return copy;
    }

    /// <summary>Room for bytes that are kept.</summary>
    public readonly Memory<byte> Room(int length) =>
        length == 0 ? default : memory is null ? GC.AllocateUninitializedArray<byte>(length) : memory.Take(length);

    /// <summary>The same where they stand.</summary>
    public ReadOnlySpan<byte> Bytes() => Take(VarUInt32());

    /// <summary>What was read does not fit.</summary>
    public void Fail() => Failed = true;

    private ReadOnlySpan<byte> Take(uint count)
    {
        if (Failed || count > (uint)_rest.Length)
        {
            Failed = true;
            return default;
        }

        var taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }
}
