namespace Gateway.Sinks;

/// <summary>
/// Neither text nor jsonb of PostgreSQL holds the character NUL. It becomes U+FFFD, the character that stands for what can't be said:
/// a reading is worth more than a NUL in its label.
/// </summary>
internal static class PostgreSqlText
{
    private const char Replacement = '\uFFFD';

    private static ReadOnlySpan<byte> Nul => @"\u0000"u8;

    public static string? WithoutNul(string? text) => text?.Replace('\0', Replacement);

    /// <summary>JSON without NULs, which can stand in it as escapes only; the same memory when there are none.</summary>
    public static ReadOnlyMemory<byte> WithoutNul(ReadOnlyMemory<byte> json)
    {
        if (json.Span.IndexOf(Nul) < 0)
        {
            return json;
        }

        var copy = json.ToArray();
        for (var rest = copy.AsSpan(); rest.IndexOf((byte)'\\') is >= 0 and var escape && escape + 1 < rest.Length;)
        {
            // An escaped backslash is passed over whole: what stands behind it is text.
            rest = rest[escape..];
            if (rest.StartsWith(Nul))
            {
                @"\uFFFD"u8.CopyTo(rest);
            }

            rest = rest[2..];
        }

        return copy;
    }
}
