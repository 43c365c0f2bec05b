using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Gateway.Scripting;

/// <summary>What <see cref="GuardWeaver"/> lets scripts call. On a thread on which no script was called by the gateway, nothing is checked.</summary>
internal static class ScriptGuard
{
    // The longest Enumerable.Range or Repeat; what takes them may go on in the framework, where nothing is checked.
    private const int LongestSequence = 1_000_000;

    // A regular expression may go back and forth for years, in the framework's code.
    private static readonly TimeSpan LongestMatch = TimeSpan.FromMilliseconds(50);

    /// <summary>At the entry of every method that calls another.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
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

    /// <summary>Before an array is made.</summary>
    public static nint Length(nint length, uint elementSize)
    {
        // A negative one is the runtime's to complain about.
        if (length > 0)
        {
            ScriptBudget.Current?.CheckAllocation(length > int.MaxValue ? long.MaxValue : length * elementSize);
        }

        return length;
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
        new(pattern, options & ~RegexOptions.Compiled, timeout > TimeSpan.Zero && timeout < LongestMatch ? timeout : LongestMatch);
}
