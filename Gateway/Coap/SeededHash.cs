using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace Gateway.Coap;

/// <summary>Hashes of 64 bits, seeded when the process starts: so nobody can make peers or datagrams meet on purpose.</summary>
internal static class SeededHash
{
    private static readonly ulong Key0 = NewKey();
    private static readonly ulong Key1 = NewKey();
    private static readonly ulong Key2 = NewKey();

    /// <summary>The hash of what a peer has sent.</summary>
    public static ulong Of(ulong peer, ReadOnlySpan<byte> datagram) => XxHash3.HashToUInt64(datagram, (long)Key0) ^ peer;

    public static ulong Of(in Peer peer)
    {
        if (peer.IsSecured)
        {
            return Of(peer.Association);
        }

        var address = Fold((ulong)peer.Address ^ Key0, (ulong)(peer.Address >> 64) ^ Key1);
        var local = (ulong)peer.Local ^ (ulong)(peer.Local >> 64);
        return Fold(address ^ peer.Port ^ ((ulong)peer.Scope << 16), local ^ Key2);
    }

    /// <summary>The hash of a number that a stranger may choose.</summary>
    public static ulong Of(ulong number) => Fold(number ^ Key0, Key1);

    // Both halves of the product of two numbers: each bit of either has its say in most bits of the result.
    private static ulong Fold(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return high ^ low;
    }

    private static ulong NewKey() => BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1;
}
