using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Gateway.Uplink;

/// <summary>
/// Ids of exchanges: UUIDs of version 7, which sort by time, as 32 hexadecimal digits. Those of .NET ask the system for chance each time, and
/// say nothing of the order within a millisecond; here chance comes in larger portions, and the order is right to a quarter of a microsecond
/// (RFC 9562 §6.2, method 3).
/// </summary>
internal static class RequestIds
{
    private const int BytesOfChance = 8;
    private const int Portion = 128 * BytesOfChance;
    private const int Fractions = 4096;

    [ThreadStatic]
    private static byte[]? _chance;

    [ThreadStatic]
    private static int _used;

    /// <summary>An id for what arrives now.</summary>
    public static string New(DateTimeOffset receivedAt)
    {
        var (milliseconds, rest) = Math.DivRem(receivedAt.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks, TimeSpan.TicksPerMillisecond);
        var fraction = (ulong)(rest * Fractions / TimeSpan.TicksPerMillisecond);
        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(id, ((ulong)milliseconds << 16) | 0x7000 | fraction);
        BinaryPrimitives.WriteUInt64BigEndian(id[8..], (NextChance() >> 2) | (1UL << 63));
        return Convert.ToHexStringLower(id);
    }

    private static ulong NextChance()
    {
        if (_chance is null || _used == Portion)
        {
            _chance ??= new byte[Portion];
            RandomNumberGenerator.Fill(_chance);
            _used = 0;
        }

        var chance = BinaryPrimitives.ReadUInt64LittleEndian(_chance.AsSpan(_used));
        _used += BytesOfChance;
        return chance;
    }
}
