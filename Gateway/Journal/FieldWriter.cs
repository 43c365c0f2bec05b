using System.Buffers.Binary;
using System.Text;

namespace Gateway.Journal;

/// <summary>Writes a record's fields one after the other. The caller sees to it that they fit.</summary>
internal ref struct FieldWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    public int Position { get; private set; }

    public void Byte(byte value) => _destination[Position++] = value;

    public void Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_destination[Position..], value);
        Position += sizeof(long);
    }

    /// <summary>Seven bits a byte, the low ones first; the high bit says that more follow (LEB128).</summary>
    public void VarUInt32(uint value) => VarUInt64(value);

    public void VarUInt64(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            Byte((byte)(value | 0x80));
        }

        Byte((byte)value);
    }

    public void Text(string value)
    {
        VarUInt32((uint)Encoding.UTF8.GetByteCount(value));
        Position += Encoding.UTF8.GetBytes(value, _destination[Position..]);
    }

    public void Blob(ReadOnlySpan<byte> value)
    {
        VarUInt32((uint)value.Length);
        value.CopyTo(_destination[Position..]);
        Position += value.Length;
    }
}
