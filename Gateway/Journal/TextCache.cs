using System.Text;

namespace Gateway.Journal;

/// <summary>
/// The texts that come again and again in records, such as the names of scripts and profiles, so that reading a thousand frames makes them
/// once. A place for each hash, and the later text takes the earlier one's: bounded, whatever is read. Each thread has its own.
/// </summary>
internal static class TextCache
{
    private const int Places = 1024;

    // Longer ones are made anew: what is kept is to stay small.
    private const int LongestText = 64;

    [ThreadStatic]
    private static string?[]? _places;

    public static string Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty || utf8.Length > LongestText)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        ref var known = ref (_places ??= new string?[Places])[HashOf(utf8) % Places];
        return known is not null && Ascii.Equals(utf8, known) ? known : known = Encoding.UTF8.GetString(utf8);
    }

    private static uint HashOf(ReadOnlySpan<byte> bytes)
    {
        var hash = 2166136261;
        foreach (var value in bytes)
        {
            hash = (hash ^ value) * 16777619;
        }

        return hash ^ (hash >> 15);
    }
}
