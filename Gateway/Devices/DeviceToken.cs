using System.Security.Cryptography;
using System.Text;

namespace Gateway.Devices;

/// <summary>
/// The token that a device must bring, as a salted hash (HMAC-SHA-256). It is checked with every frame, so the hash is a quick one: whoever gets hold
/// of the store can try weak tokens at leisure, and long random ones not at all.
/// </summary>
internal sealed class DeviceToken
{
    /// <summary>How long a token may be, in bytes.</summary>
    public const int MaxBytes = 255;

    private const int SaltBytes = 16;

    private readonly byte[] _salt;
    private readonly byte[] _hash;

    private DeviceToken(byte[] salt, byte[] hash) => (_salt, _hash) = (salt, hash);

    /// <summary>Nobody has it: compared with when there is none, so that this takes as long.</summary>
    public static DeviceToken OfNobody { get; } = Of(Convert.ToHexString(RandomNumberGenerator.GetBytes(32)));

    public static DeviceToken Of(string token)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return new DeviceToken(salt, HMACSHA256.HashData(salt, Encoding.UTF8.GetBytes(token)));
    }

    /// <summary>Reads what <see cref="ToStored"/> wrote; null when it is nothing of the kind.</summary>
    public static DeviceToken? OfStored(string? stored)
    {
        var bytes = new byte[SaltBytes + HMACSHA256.HashSizeInBytes];
        return stored is not null && Convert.TryFromBase64String(stored, bytes, out var length) && length == bytes.Length
            ? new DeviceToken(bytes[..SaltBytes], bytes[SaltBytes..])
            : null;
    }

    /// <summary>Salt and hash, for a store; never for people.</summary>
    public string ToStored() => Convert.ToBase64String([.. _salt, .. _hash]);

    /// <summary>Whether this is it. Takes the same time whatever is given, but for its length.</summary>
    public bool Fits(ReadOnlySpan<byte> given)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_salt, given, hash);
        return CryptographicOperations.FixedTimeEquals(hash, _hash);
    }

    public override string ToString() => "***";
}
