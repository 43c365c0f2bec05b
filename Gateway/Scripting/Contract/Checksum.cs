using System.Security.Cryptography;

namespace Gateway.Scripting.Contract;

/// <summary>The checksums and digests that devices put into their messages.</summary>
public static class Checksum
{
    /// <summary>CRC-16/MODBUS: polynomial 0x8005 reflected, from 0xFFFF. Of the text "123456789" it is 0x4B37. Modbus sends its low byte first.</summary>
    public static ushort Crc16Modbus(ReadOnlySpan<byte> bytes) => (ushort)Reflected(bytes, 0xA001, 0xFFFF);

    /// <summary>CRC-16/CCITT-FALSE (IBM-3740): polynomial 0x1021, from 0xFFFF. Of the text "123456789" it is 0x29B1.</summary>
    public static ushort Crc16Ccitt(ReadOnlySpan<byte> bytes) => (ushort)Forward(bytes, 0x1021, 0xFFFF, 16);

    /// <summary>CRC-8 (SMBus): polynomial 0x07, from 0. Of the text "123456789" it is 0xF4.</summary>
    public static byte Crc8(ReadOnlySpan<byte> bytes) => (byte)Forward(bytes, 0x07, 0, 8);

    /// <summary>CRC-32 as in Ethernet and zip: polynomial 0x04C11DB7 reflected, from and with 0xFFFFFFFF. Of the text "123456789" it is 0xCBF43926.</summary>
    public static uint Crc32(ReadOnlySpan<byte> bytes) => ~Reflected(bytes, 0xEDB88320, 0xFFFF_FFFF);

    /// <summary>SHA-256 (FIPS 180-4), 32 bytes: for devices that tell a key or an image by its digest.</summary>
    public static byte[] Sha256(ReadOnlySpan<byte> bytes) => SHA256.HashData(bytes);

    // Bit by bit: a payload is short, and a table would be longer than most.
    private static uint Reflected(ReadOnlySpan<byte> bytes, uint polynomial, uint seed)
    {
        var crc = seed;
        foreach (var part in bytes)
        {
            crc ^= part;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ polynomial : crc >> 1;
            }
        }

        return crc;
    }

    private static uint Forward(ReadOnlySpan<byte> bytes, uint polynomial, uint seed, int width)
    {
        var crc = seed;
        foreach (var part in bytes)
        {
            crc ^= (uint)part << (width - 8);
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & (1U << (width - 1))) != 0 ? (crc << 1) ^ polynomial : crc << 1;
            }
        }

        return crc & ((1U << width) - 1);
    }
}
