using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Gateway.Scripting;

/// <summary>What <see cref="GuardWeaver"/> lets scripts call. On a thread on which no script was called by the gateway, nothing is checked.</summary>
internal static class ScriptGuard
{
    // The longest Enumerable.Range or Repeat; what takes them may go on in the framework, where nothing is checked.
    private const int LongestSequence = 1_000_000;

    // Elements; the largest that an element can have is a kilobyte, by KillerCheck.
    private const int SmallArray = 256;

    // Exceptions within exceptions. The framework writes them out by recursion.
    private const int MostInner = 50;

    // A regular expression may go back and forth for years, in the framework's code.
    private static readonly TimeSpan LongestMatch = TimeSpan.FromMilliseconds(50);

    /// <summary>At the entry of every method that calls another. In optimized code it becomes part of them; then the address is in their frame.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Enter()
    {
        int here;
        ScriptBudget.Enter((nuint)(&here));
    }

    /// <summary>At the entry of what must not be nested as deep as others.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static unsafe void EnterShallow()
    {
        int here;
        ScriptBudget.EnterShallow((nuint)(&here));
    }

    /// <summary>Before every jump back, when there was a tick since the last look of that method.</summary>
    public static void Look(ref int seen)
    {
        seen = ScriptWatchdog.Ticks;
        ScriptBudget.Current?.Check();
    }

    /// <summary>Whether a catch handles what it was given; it was given null when that is not of its type.</summary>
    public static bool Handles(object? exception) => exception is not null && !IsStopped();

    /// <summary>Whether a catch with a filter of its own handles what that let through.</summary>
    public static bool Filters(bool handles) => handles && !IsStopped();

    /// <summary>Whether the script is being stopped.</summary>
    public static bool IsStopped() => ScriptBudget.Current is { Tripped: not null };

    /// <summary>Before an array is made. Small ones are seen at the next tick.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Length(nint length, uint elementSize)
    {
        if ((nuint)length > SmallArray)
        {
            LargeArray(length, elementSize);
        }

        return length;
    }

    // A negative one is the runtime's to complain about.
    private static void LargeArray(nint length, uint elementSize)
    {
        if (length > 0)
        {
            ScriptBudget.Current?.CheckAllocation(length > int.MaxValue ? long.MaxValue : length * elementSize);
        }
    }

    /// <summary>Before an array of several dimensions is made.</summary>
    public static void Area(long elements, uint elementSize)
    {
        if (elements > 0)
        {
            ScriptBudget.Current?.CheckAllocation(elements > int.MaxValue ? long.MaxValue : elements * elementSize);
        }
    }

    /// <summary>Before the framework allocates room for so many; two bytes, as of a character, are the least that they take.</summary>
    public static int Capacity(int capacity)
    {
        if (capacity > 0)
        {
            ScriptBudget.Current?.CheckAllocation(2L * capacity);
        }

        return capacity;
    }

    /// <summary>Before the framework makes a sequence.</summary>
    public static int Count(int count)
    {
        ScriptBudget.Current?.CheckCount(count, LongestSequence);
        return count;
    }

    /// <summary>Instead of the constructor.</summary>
    public static Regex NewRegex([StringSyntax(StringSyntaxAttribute.Regex)] string pattern) => NewRegex(pattern, RegexOptions.None, LongestMatch);

    /// <summary>Instead of the constructor.</summary>
    public static Regex NewRegex([StringSyntax(StringSyntaxAttribute.Regex)] string pattern, RegexOptions options) => NewRegex(pattern, options, LongestMatch);

    /// <summary>Instead of the constructor. Not compiled, for code that is made at run time outlives its script.</summary>
    public static Regex NewRegex([StringSyntax(StringSyntaxAttribute.Regex)] string pattern, RegexOptions options, TimeSpan timeout) =>
        new(pattern, Interpreted(options), Limited(timeout));

    /// <summary>The options of a regular expression, less those that scripts can't have.</summary>
    public static RegexOptions Interpreted(RegexOptions options) => options & ~RegexOptions.Compiled;

    /// <summary>How long a match may take, of what was asked for; zero stands for nothing.</summary>
    public static TimeSpan Limited(TimeSpan timeout) => timeout > TimeSpan.Zero && timeout < LongestMatch ? timeout : LongestMatch;

    /// <summary>What a sequence gives, while the call has not used up what it may take.</summary>
    public static IEnumerable<T> Watched<T>(IEnumerable<T> sequence) => ScriptBudget.Current is null || sequence is T[] or List<T> ? sequence : Each(sequence);

    /// <summary>Before an exception is made with another within.</summary>
    public static Exception? Inner(Exception? exception)
    {
        var depth = 0;
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            depth++;
        }

        ScriptBudget.Current?.CheckInner(depth, MostInner);
        return exception;
    }

    /// <summary>Instead of the method: a long text with a long replacement is more than the memory of any machine.</summary>
    public static string Replace(string text, string old, string? replacement)
    {
        if (old is { Length: > 0 } && replacement?.Length > old.Length && ScriptBudget.Current is { } budget)
        {
            budget.CheckAllocation(2 * (text.Length + ((long)text.AsSpan().Count(old) * (replacement.Length - old.Length))));
        }

        return text.Replace(old, replacement);
    }

    private static IEnumerable<T> Each<T>(IEnumerable<T> sequence)
    {
        Enter();
        foreach (var item in sequence)
        {
            Enter();
            yield return item;
        }
    }
}
