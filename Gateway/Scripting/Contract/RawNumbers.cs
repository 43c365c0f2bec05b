using System.Globalization;
using System.Numerics;

namespace Gateway.Scripting.Contract;

/// <summary>What raw integers of a payload stand for: flags, fields, and decimal fractions.</summary>
public static class RawNumbers
{
    private const int MostDecimals = 18;

    // Up to here a double holds every integer, and one division of two such numbers is rounded once, to the nearest there is.
    private const long LargestExact = 1L << 53;

    // Ten to the power of 18 is one of them.
    private static readonly double[] Powers = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18];

    /// <summary>
    /// A raw integer with so many decimals: <c>2145.Scaled(2)</c> is 21.45, and not the 21.450000000000003 that a multiplication by 0.01 may give.
    /// It is the double nearest to the decimal number, so it is written as that.
    /// </summary>
    /// <param name="raw">The integer.</param>
    /// <param name="decimals">How many of its digits stand behind the point, 0 to 18.</param>
    public static double Scaled<T>(this T raw, int decimals)
        where T : IBinaryInteger<T>
    {
        ArgumentOutOfRangeException.ThrowIfNegative(decimals);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(decimals, MostDecimals);
        return long.CreateSaturating(raw) is > -LargestExact and < LargestExact and var exact
            ? exact / Powers[decimals]
            : double.Parse(string.Create(CultureInfo.InvariantCulture, $"{raw}e-{decimals}"), CultureInfo.InvariantCulture);
    }

    /// <summary>Whether a bit is set.</summary>
    /// <param name="value">The integer.</param>
    /// <param name="index">Which bit: 0 is the least significant.</param>
    public static bool Bit<T>(this T value, int index)
        where T : IBinaryInteger<T> => value.Bits(index, 1) != T.Zero;

    /// <summary>A field of bits as a number without a sign.</summary>
    /// <param name="value">The integer.</param>
    /// <param name="lowest">The field's least significant bit, from 0.</param>
    /// <param name="count">How many bits it has; fewer than the integer has, or a negative one would come out.</param>
    public static T Bits<T>(this T value, int lowest, int count)
        where T : IBinaryInteger<T>
    {
        var width = value.GetByteCount() * 8;
        ArgumentOutOfRangeException.ThrowIfNegative(lowest);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, width - lowest);
        return count == width ? value : (value >>> lowest) & ((T.One << count) - T.One);
    }
}
