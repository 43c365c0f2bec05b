using System.Globalization;
using System.Runtime.InteropServices;
using Gateway.Scripting.Contract;

namespace Gateway.Scripting;

/// <summary>
/// Takes over what a script's <c>parse</c> returned: runs it to its end while exceptions can still be caught, and leaves no object of the script's own types in it.
/// Those would keep the script in memory for as long as the reading lives, and run its code in the gateway's threads.
/// </summary>
internal sealed class ReadingIntake
{
    // What a reading has when the script gave it no metadata: one object for all.
    private static readonly IReadOnlyDictionary<string, ReadingValue> None = new Reading("none").Metadata;

    private readonly string _script;
    private readonly ScriptLimits _limits;
    private readonly List<Reading> _readings;
    private ReadingLength _length;

    private ReadingIntake(string script, ScriptLimits limits, int expected)
    {
        _script = script;
        _limits = limits;
        _readings = new List<Reading>(Math.Min(expected, limits.MaxReadings));
    }

    /// <summary>The readings, or what is wrong with them. Exceptions of the script come through.</summary>
    public static ScriptOutcome<IReadOnlyList<Reading>> Take(IEnumerable<Reading?>? returned, string script, ScriptLimits limits) => returned switch
    {
        null => Fault("parse returned null; when there is nothing to report it must return an empty list", script),
        Reading?[] readings => TakeAll(readings, script, limits),
        List<Reading?> readings when readings.GetType() == typeof(List<Reading?>) => TakeAll(CollectionsMarshal.AsSpan(readings), script, limits),
        _ => TakeEach(returned, script, limits),
    };

    // No code of the script runs any more.
    private static ScriptOutcome<IReadOnlyList<Reading>> TakeAll(ReadOnlySpan<Reading?> returned, string script, ScriptLimits limits)
    {
        var intake = new ReadingIntake(script, limits, returned.Length);
        foreach (var reading in returned)
        {
            if (intake.Add(reading, mayChange: false) is { } failure)
            {
                return failure;
            }
        }

        return new ScriptOutcome<IReadOnlyList<Reading>>(intake._readings);
    }

    private static ScriptOutcome<IReadOnlyList<Reading>> TakeEach(IEnumerable<Reading?> returned, string script, ScriptLimits limits)
    {
        var intake = new ReadingIntake(script, limits, 0);
        foreach (var reading in returned)
        {
            if (intake.Add(reading, mayChange: true) is { } failure)
            {
                return failure;
            }
        }

        return new ScriptOutcome<IReadOnlyList<Reading>>(intake._readings);
    }

    private ScriptFailure? Add(Reading? reading, bool mayChange)
    {
        if (reading is null)
        {
            return Fault($"parse returned null as reading {_readings.Count + 1}", _script);
        }

        if (reading.Values is null || reading.Metadata is null || reading.Label is null || Own(reading) is not { } own || HasNull(own.Label))
        {
            return Fault($"the reading {reading.Index} has null as values, metadata, label or one of its labels", _script);
        }

        if (_readings.Count == _limits.MaxReadings)
        {
            return TooMuch($"{_limits.MaxReadings} readings that scripts.max_readings allows");
        }

        _length.Add(own, mayChange);
        if (_length.Bytes > _limits.MaxOutputBytes)
        {
            return TooMuch($"{_limits.MaxOutputBytes} bytes of readings that scripts.max_output_bytes allows");
        }

        _readings.Add(own);
        return null;
    }

    private ScriptFailure TooMuch(FormattableString most) =>
        new(ScriptFailureKind.LimitExceeded, $"parse returned more than the {most.ToString(CultureInfo.InvariantCulture)} ({_script})");

    private static ScriptFailure Fault(string message, string script) => new(ScriptFailureKind.Fault, $"{message} ({script})");

    private static bool HasNull(IReadOnlyList<string?> labels) => ReadingLength.SpanOf(labels).Contains(null);

    // Even [a, b] may become a type of the script's own, which the compiler makes for it.
    private static Reading Own(Reading reading) =>
        IsOwn(reading.Values) && IsOwn(reading.Label) && IsOwn(reading.Metadata)
            ? reading
            : reading with
            {
                Values = reading.Values.ToArray(),
                Label = reading.Label.ToArray(),
                Metadata = new Dictionary<string, ReadingValue>(reading.Metadata),
            };

    private static bool IsOwn<T>(IReadOnlyList<T> list) => list is T[] || list.GetType() == typeof(List<T>);

    private static bool IsOwn(IReadOnlyDictionary<string, ReadingValue> metadata) =>
        ReferenceEquals(metadata, None) || (metadata is Dictionary<string, ReadingValue> plain && plain.GetType() == typeof(Dictionary<string, ReadingValue>)
            && ReferenceEquals(plain.Comparer, EqualityComparer<string>.Default));
}
