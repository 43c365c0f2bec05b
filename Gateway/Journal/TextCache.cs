using System.Text;

namespace Gateway.Journal;

/// <summary>
/// The texts that come again and again, such as the names of scripts and profiles and the types of commands, so that a thousand frames make
/// them once, and a million commands that wait have them once. Bounded, whatever comes.
/// </summary>
// A place for each hash. Where many texts share a place, one comes in only when it is wanted twice while the one that is there is not wanted:
// taking turns would help none of them, and leave garbage that has grown old. What two threads do at once costs a text that is made twice.
internal static class TextCache
{
    private const int Places = 4096;

    // Longer ones are made anew, for what is kept is to stay small, and so are those that are not ASCII, which would not be known again.
    private const int LongestText = 64;

    private static readonly string?[] Known = new string?[Places];

    // The hash of the text that was wanted last instead of the one of the place; 0 for none.
    private static readonly uint[] Rivals = new uint[Places];

    /// <summary>The text of these bytes, which are UTF-8.</summary>
    public static string Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty || utf8.Length > LongestText || !Ascii.IsValid(utf8))
        {
            return Encoding.UTF8.GetString(utf8);
        }

        var hash = HashOf(utf8);
        return Find(hash) is { } known && Ascii.Equals(utf8, known) ? Wanted(hash, known) : Missed(hash, Encoding.UTF8.GetString(utf8));
    }

    /// <summary>The same text, as the one that is kept, if there is one.</summary>
    public static string Of(string text)
    {
        if (text.Length is 0 or > LongestText || !Ascii.IsValid(text))
        {
            return text;
        }

        Span<byte> bytes = stackalloc byte[LongestText];
        var hash = HashOf(bytes[..Encoding.ASCII.GetBytes(text, bytes)]);
        return Find(hash) is { } known && known == text ? Wanted(hash, known) : Missed(hash, text);
    }

    private static string? Find(uint hash) => Volatile.Read(ref Known[hash % Places]);

    private static string Wanted(uint hash, string known)
    {
        ref var rival = ref Rivals[hash % Places];
        if (rival != 0)
        {
            rival = 0;
        }

        return known;
    }

    private static string Missed(uint hash, string text)
    {
        ref var known = ref Known[hash % Places];
        ref var rival = ref Rivals[hash % Places];
        if (known is null || rival == hash)
        {
            Volatile.Write(ref known, text);
            rival = 0;
        }
        else
        {
            rival = hash;
        }

        return text;
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
