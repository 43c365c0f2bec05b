using System.Buffers;
using System.Globalization;
using System.Text;

namespace Gateway.Sinks;

/// <summary>
/// What one kind of broker allows in the name of a topic, and how a value is written that has something else in it: each such character
/// becomes <c>%</c> and two hexadecimal digits for each byte of its UTF-8, as in a URL. So what people have called a device or a label
/// can neither add a level to a topic nor be a wildcard, and two values never meet in one topic.
/// </summary>
internal sealed class TopicRules
{
    /// <summary>A value that is missing or empty; a value of just this character is escaped, so that it stays another one.</summary>
    private const string Nothing = "_";

    /// <summary>MQTT 5 §4.7: <c>/</c> parts levels, <c>+</c> and <c>#</c> are wildcards, and <c>$</c> begins what belongs to the server.</summary>
    public static TopicRules Mqtt { get; } = new("MQTT", '/', "+#", "/+#$%", maxBytes: ushort.MaxValue, onlyAscii: false);

    /// <summary>
    /// NATS: <c>.</c> parts tokens, <c>*</c> and <c>&gt;</c> are wildcards, and white space ends a subject. The bound keeps the line of the
    /// protocol that a subject stands in below the 4,096 bytes that a server takes.
    /// </summary>
    public static TopicRules Nats { get; } = new("NATS", '.', "*> \t\r\n", ".*>$%", maxBytes: 2048, onlyAscii: true);

    private readonly SearchValues<char> _forbidden;
    private readonly SearchValues<char> _escaped;
    private readonly bool _onlyAscii;

    private TopicRules(string name, char separator, string forbidden, string escaped, int maxBytes, bool onlyAscii)
    {
        (Name, Separator, MaxBytes, _onlyAscii) = (name, separator, maxBytes, onlyAscii);
        (_forbidden, _escaped) = (SearchValues.Create(forbidden), SearchValues.Create(escaped));
    }

    /// <summary>The protocol, for people.</summary>
    public string Name { get; }

    /// <summary>What stands between two levels.</summary>
    public char Separator { get; }

    /// <summary>How many bytes of UTF-8 a topic may have.</summary>
    public int MaxBytes { get; }

    /// <summary>A value as a part of one level, never empty.</summary>
    public string Escape(string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            return Nothing;
        }

        if (value == Nothing)
        {
            return "%5F";
        }

        var escaped = new StringBuilder(value.Length);
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in value.EnumerateRunes())
        {
            if (Allows(rune))
            {
                escaped.Append(rune);
                continue;
            }

            foreach (var octet in bytes[..rune.EncodeToUtf8(bytes)])
            {
                escaped.Append('%').Append(octet.ToString("X2", CultureInfo.InvariantCulture));
            }
        }

        return escaped.ToString();
    }

    /// <summary>Why a text can't be the fixed part of a template; null when it can.</summary>
    public string? Complaint(string literal)
    {
        var bad = literal.AsSpan().IndexOfAny(_forbidden);
        if (bad >= 0)
        {
            return $"\"{literal[bad]}\" is not allowed in a topic of {Name}";
        }

        foreach (var rune in literal.EnumerateRunes())
        {
            if (!IsPrintable(rune))
            {
                return $"the character U+{rune.Value:X4} is not allowed in a topic of {Name}";
            }
        }

        return null;
    }

    private bool Allows(Rune rune) => IsPrintable(rune) && !(rune.IsBmp && _escaped.Contains((char)rune.Value));

    // MQTT 5 §1.5.4: U+0000 must not be in a topic; other control characters and noncharacters should not, and a server may hang up over them.
    private bool IsPrintable(Rune rune) => _onlyAscii
        ? rune.Value is > ' ' and < 0x7F
        : !Rune.IsControl(rune) && rune.Value is not (>= 0xFDD0 and <= 0xFDEF) && (rune.Value & 0xFFFE) != 0xFFFE;
}
