using System.Text;

namespace Gateway.Scripting.Contract;

/// <summary>What a script wants to have noticed without failing: an odd byte, a firmware that it does not know. Every script has <c>warn</c> without naming this class.</summary>
public static class Warnings
{
    private const int Most = 20;
    private const int Longest = 200;

    // Of the call that is under way on this thread.
    [ThreadStatic]
    private static bool _isCollecting;

    [ThreadStatic]
    private static List<string>? _collected;

    /// <summary>
    /// Warns of something in the present call. The warnings travel with the call's readings as metadata <c>warnings</c>, are counted, and are shown by
    /// <c>gateway parse</c> and <c>gateway format</c>. Of one call the first 20 different ones are kept, of each the first 200 characters.
    /// Where no gateway called, nothing happens.
    /// </summary>
    /// <param name="message">What is to be noticed.</param>
#pragma warning disable IDE1006 // Named as the functions of a script are.
    public static void warn(string message)
#pragma warning restore IDE1006
    {
        if (!_isCollecting || string.IsNullOrWhiteSpace(message) || _collected is { Count: >= Most })
        {
            return;
        }

        var line = OneLine(message);
        _collected ??= [];
        if (!_collected.Contains(line))
        {
            _collected.Add(line);
        }
    }

    /// <summary>A call begins on this thread.</summary>
    internal static void Begin() => (_isCollecting, _collected) = (true, null);

    /// <summary>What the call has warned of so far.</summary>
    internal static IReadOnlyList<string> SoFar() => _collected is null ? [] : [.. _collected];

    /// <summary>The call is over.</summary>
    internal static void End() => (_isCollecting, _collected) = (false, null);

    /// <summary>A text of the script as part of a log line: no line ends or other control characters, half characters or excess length.</summary>
    internal static string OneLine(string text)
    {
        var line = new StringBuilder(Math.Min(text.Length, Longest));
        foreach (var rune in text.EnumerateRunes())
        {
            if (line.Length + rune.Utf16SequenceLength > Longest)
            {
                line.Length = Math.Min(line.Length, Longest - 1);
                return line.Append('…').ToString();
            }

            line.Append(Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.Format
                or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator ? " " : rune.ToString());
        }

        return line.ToString();
    }
}
