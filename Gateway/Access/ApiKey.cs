using System.Buffers.Text;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Access;

/// <summary>The public part of a key, by which people speak of it.</summary>
internal readonly record struct KeyId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>What is kept of a key: everything but the key.</summary>
internal sealed record ApiKey
{
    public required KeyId Id { get; init; }

    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    public required ImmutableArray<Role> Roles { get; init; }

    public required KeyHash Hash { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Who made it.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>From when on it is no good; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Since when it is taken back; null when it is not.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>Why it can't be used now; null when it can.</summary>
    public string? ProblemAt(DateTimeOffset now) =>
        RevokedAt is { } revoked ? $"the key {Id} was revoked on {revoked:yyyy-MM-dd HH:mm}Z"
        : ExpiresAt <= now ? $"the key {Id} expired on {ExpiresAt:yyyy-MM-dd HH:mm}Z"
        : null;
}

/// <summary>
/// A key as its owner has it: <c>gwk_</c>, its id, <c>_</c>, and a secret of 256 random bits. The prefix lets scanners of repositories find one
/// that was left where it should not be.
/// </summary>
internal readonly record struct KeyText(KeyId Id, string Secret)
{
    public const string Prefix = "gwk_";

    private const int IdBytes = 6;
    private const int SecretBytes = 32;

    public static KeyText Create() => new(
        new KeyId(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes))), Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes)));

    public static bool TryParse([NotNullWhen(true)] string? text, out KeyText key)
    {
        key = default;
        if (text is null || !text.StartsWith(Prefix, StringComparison.Ordinal) || text.IndexOf('_', Prefix.Length) is not (> 0 and var end))
        {
            return false;
        }

        key = new KeyText(new KeyId(text[Prefix.Length..end]), text[(end + 1)..]);
        return true;
    }

    /// <summary>The whole key. Whoever reads this may do what the key may do: show it to its owner, once.</summary>
    public string Reveal() => $"{Prefix}{Id}_{Secret}";

    public override string ToString() => $"{Prefix}{Id}_…";
}

/// <summary>
/// The keyed hash (HMAC-SHA-256) of a key's secret. A slow hash makes the guessing of passwords dear; a secret of 256 random bits can't be guessed
/// at any price, and a slow hash would only let strangers keep our processors busy.
/// </summary>
internal sealed record KeyHash(ImmutableArray<byte> Salt, ImmutableArray<byte> Hash)
{
    /// <summary>Compared with when there is no such key, so that this takes as long.</summary>
    public static KeyHash OfNobody { get; } = Of(KeyText.Create().Secret);

    public static KeyHash Of(string secret)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        return new KeyHash([.. salt], [.. HMACSHA256.HashData(salt, Encoding.UTF8.GetBytes(secret))]);
    }

    public bool Fits(string secret) =>
        CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(Salt.AsSpan(), Encoding.UTF8.GetBytes(secret)), Hash.AsSpan());

    public override string ToString() => "***";
}
