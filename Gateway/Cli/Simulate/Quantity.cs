using System.Globalization;

namespace Gateway.Cli;

/// <summary>Amounts as people type them.</summary>
internal static class Quantity
{
    /// <summary>A length of time such as <c>500ms</c>, <c>10s</c>, <c>15m</c>, <c>2h</c> or <c>1d</c>; null for anything else.</summary>
    public static TimeSpan? TimeOf(string text)
    {
        var number = text.TrimEnd([.. "abcdefghijklmnopqrstuvwxyz"]);
        double? milliseconds = text[number.Length..] switch { "ms" => 1, "s" => 1000, "m" => 60_000, "h" => 3_600_000, "d" => 86_400_000, _ => null };
        return milliseconds is { } unit && NumberOf(number) is { } count && count * unit <= TimeSpan.FromDays(365).TotalMilliseconds ? TimeSpan.FromMilliseconds(count * unit) : null;
    }

    /// <summary>A part of a whole, such as <c>5%</c> or <c>0.05</c>, as 0 to 1; null for anything else.</summary>
    public static double? PartOf(string text)
    {
        var part = text.EndsWith('%') ? NumberOf(text[..^1]) / 100 : NumberOf(text);
        return part is >= 0 and <= 1 ? part : null;
    }

    private static double? NumberOf(string text) => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;
}
