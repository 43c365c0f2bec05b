using System.Text;

namespace Gateway.Devices;

/// <summary>The keys that a device may show who it is with, under one PSK identity (RFC 4279). More than one is valid while a new one takes the place of an old one.</summary>
/// <param name="Identity">What the device calls itself in the handshake: 1 to 128 bytes of UTF-8.</param>
/// <param name="Device">Whose they are.</param>
/// <param name="Keys">The newest first.</param>
internal sealed record DeviceKeys(string Identity, DeviceId Device, IReadOnlyList<DeviceKey> Keys)
{
    public const int MaxIdentityBytes = 128;

    /// <summary>How many keys an identity may have: the newest, and those that it is taking the place of.</summary>
    public const int MaxKeys = 4;

    /// <summary>What is wrong with an identity; null when nothing is.</summary>
    public static string? ProblemOf(string? identity) => string.IsNullOrEmpty(identity) ? "an identity must not be empty"
        : Encoding.UTF8.GetByteCount(identity) > MaxIdentityBytes ? $"an identity has at most {MaxIdentityBytes} bytes"
        : identity.Any(char.IsControl) ? "an identity has no control characters"
        : null;

    /// <summary>With a new key, and the ones before it valid until then; a key that is not valid any more is left out.</summary>
    public DeviceKeys Renewed(DeviceKey key, DateTimeOffset until) => this with
    {
        Keys = [key, .. Keys.Where(old => !old.HasEnded(key.CreatedAt)).Select(old => old.EndingBy(until)).Where(old => !old.HasEnded(key.CreatedAt)).Take(MaxKeys - 1)],
    };
}

/// <summary>A key in common with a device.</summary>
/// <param name="Secret">The key, in the clear.</param>
/// <param name="CreatedAt">Since when it is valid.</param>
/// <param name="ValidUntil">When its time is over; null for never.</param>
internal sealed record DeviceKey(byte[] Secret, DateTimeOffset CreatedAt, DateTimeOffset? ValidUntil)
{
    /// <summary>A shorter one can be guessed; a longer one is more than any device keeps.</summary>
    public const int MinBytes = 8;
    public const int MaxBytes = 64;

    public bool HasEnded(DateTimeOffset now) => ValidUntil <= now;

    public DeviceKey EndingBy(DateTimeOffset until) => ValidUntil <= until ? this : this with { ValidUntil = until };

    public override string ToString() => $"a key of {Secret.Length} bytes";
}
