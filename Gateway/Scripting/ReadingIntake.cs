using System.Globalization;
using System.Text;
using Gateway.Scripting.Contract;

namespace Gateway.Scripting;

/// <summary>
/// Takes over what a script's <c>parse</c> returned: runs it to its end while exceptions can still be caught, and leaves no object of the script's own types in it.
/// Those would keep the script in memory for as long as the reading lives, and run its code in the gateway's threads.
/// </summary>
internal static class ReadingIntake
{
    // A reading's braces, the names of its members and its time, and what stands around each text and number.
    private const int Frame = 150;
    private const int Around = 4;
    private const int Number = 8;

    // What a reading has when the script gave it no metadata: one object for all.
    private static readonly IReadOnlyDictionary<string, ReadingValue> None = new Reading("none").Metadata;

    /// <summary>The readings, or what is wrong with them. Exceptions of the script come through.</summary>
    public static ScriptOutcome<IReadOnlyList<Reading>> Take(IEnumerable<Reading?>? returned, string script, ScriptLimits limits)
    {
        if (returned is null)
        {
            return Fault("parse returned null; when there is nothing to report it must return an empty list", script);
        }

        var readings = new List<Reading>();
        var length = 0L;
        foreach (var reading in returned)
        {
            if (reading is null)
            {
                return Fault($"parse returned null as reading {readings.Count + 1}", script);
            }

            if (reading.Values is null || reading.Metadata is null || reading.Label?.Contains(null!) != false)
            {
                return Fault($"the reading {reading.Index} has null as values, metadata, label or one of its labels", script);
            }

            if (readings.Count == limits.MaxReadings)
            {
                return TooMuch($"{limits.MaxReadings} readings that scripts.max_readings allows", script);
            }

            var own = Own(reading);
            length += LengthOf(own);
            if (length > limits.MaxOutputBytes)
            {
                return TooMuch($"{limits.MaxOutputBytes} bytes of readings that scripts.max_output_bytes allows", script);
            }

            readings.Add(own);
        }

        return new ScriptOutcome<IReadOnlyList<Reading>>(readings);
    }

    private static ScriptFailure TooMuch(FormattableString most, string script) =>
        new(ScriptFailureKind.LimitExceeded, $"parse returned more than the {most.ToString(CultureInfo.InvariantCulture)} ({script})");

    // About what it takes as JSON.
    private static long LengthOf(Reading reading) => Frame + LengthOf(reading.Index) + LengthOf(reading.Unit) + LengthOf(reading.DeviceId) + LengthOf(reading.RequestId)
        + reading.Values.Sum(LengthOf) + reading.Label.Sum(LengthOf) + reading.Metadata.Sum(entry => LengthOf(entry.Key) + LengthOf(entry.Value));

    private static long LengthOf(string? text) => text is null ? 0 : Around + Encoding.UTF8.GetByteCount(text);

    private static long LengthOf(ReadingValue value) => value.Kind is ReadingValueKind.Text ? LengthOf(value.ToString()) : Number;

    private static ScriptFailure Fault(string message, string script) => new(ScriptFailureKind.Fault, $"{message} ({script})");

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
