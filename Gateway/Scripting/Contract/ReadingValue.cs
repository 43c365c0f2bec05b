using System.Globalization;

namespace Gateway.Scripting.Contract;

/// <summary>What a <see cref="ReadingValue"/> holds.</summary>
public enum ReadingValueKind
{
    /// <summary>A whole number of 64 bits.</summary>
    Whole,

    /// <summary>A finite floating-point number of 64 bits.</summary>
    Real,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A text, never null.</summary>
    Text,
}

/// <summary>
/// One value of a reading: a number, a truth value or a text; in JSON it is written as just that.
/// Numbers, booleans and strings convert to it implicitly, so that a script writes <c>new Reading("TEMPERATURE", 21.5)</c>.
/// </summary>
public readonly struct ReadingValue : IEquatable<ReadingValue>
{
    // Marks of the kinds that are neither a whole number nor a text.
    private static readonly object Real = new();
    private static readonly object Truth = new();

    // Null for a whole number, a mark, or the text itself: so a value takes two words, and a frame has dozens of them.
    private readonly object? _held;
    private readonly long _bits;

    private ReadingValue(object? held, long bits) => (_held, _bits) = (held, bits);

    /// <summary>What this value holds.</summary>
    public ReadingValueKind Kind => _held switch
    {
        null => ReadingValueKind.Whole,
        string => ReadingValueKind.Text,
        _ => ReferenceEquals(_held, Real) ? ReadingValueKind.Real : ReadingValueKind.Boolean,
    };

    private string? Text => _held as string;

    /// <summary>Holds a whole number.</summary>
    public static implicit operator ReadingValue(long value) => new(null, value);

    /// <summary>Holds a whole number. With this one and no other for integers, the smaller types and uint find their way without doubt.</summary>
    public static implicit operator ReadingValue(int value) => (long)value;

    /// <summary>Holds a real number.</summary>
    /// <exception cref="ArgumentException">The number is NaN or infinite, for which JSON has no form.</exception>
    public static implicit operator ReadingValue(double value) => double.IsFinite(value)
        ? new(Real, BitConverter.DoubleToInt64Bits(value))
        : throw new ArgumentException($"a reading's value must be a finite number, not {value.ToString(CultureInfo.InvariantCulture)}", nameof(value));

    /// <summary>Holds a truth value.</summary>
    public static implicit operator ReadingValue(bool value) => new(Truth, value ? 1 : 0);

    /// <summary>Holds a text; null becomes the empty text.</summary>
    public static implicit operator ReadingValue(string? value) => new(value ?? "", 0);

    /// <summary>The value as a number: of an integer, a real, or a boolean (1 or 0).</summary>
    /// <exception cref="InvalidOperationException">The value is a text.</exception>
    public double AsDouble() => Kind switch
    {
        ReadingValueKind.Real => BitConverter.Int64BitsToDouble(_bits),
        ReadingValueKind.Text => throw new InvalidOperationException($"the reading's value is the text \"{Text}\", not a number"),
        _ => _bits,
    };

    /// <summary>The value as a whole number: of an integer or a boolean (1 or 0).</summary>
    /// <exception cref="InvalidOperationException">The value is a text or a real.</exception>
    public long AsInt64() => Kind is ReadingValueKind.Whole or ReadingValueKind.Boolean
        ? _bits
        : throw new InvalidOperationException($"the reading's value {this} is not a whole number");

    /// <summary>The value as a truth value.</summary>
    /// <exception cref="InvalidOperationException">The value is not a boolean.</exception>
    public bool AsBoolean() => Kind is ReadingValueKind.Boolean
        ? _bits != 0
        : throw new InvalidOperationException($"the reading's value {this} is not a boolean");

    /// <summary>The value as a person would write it, in the invariant culture.</summary>
    public override string ToString() => Kind switch
    {
        ReadingValueKind.Whole => _bits.ToString(CultureInfo.InvariantCulture),
        ReadingValueKind.Real => AsDouble().ToString("R", CultureInfo.InvariantCulture),
        ReadingValueKind.Boolean => _bits != 0 ? "true" : "false",
        _ => Text ?? "",
    };

    /// <summary>Same kind and same value.</summary>
    public bool Equals(ReadingValue other) => Kind == other.Kind && _bits == other._bits && Text == other.Text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ReadingValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, _bits, Text);

    /// <summary>Same kind and same value.</summary>
    public static bool operator ==(ReadingValue left, ReadingValue right) => left.Equals(right);

    /// <summary>Another kind or another value.</summary>
    public static bool operator !=(ReadingValue left, ReadingValue right) => !left.Equals(right);
}
