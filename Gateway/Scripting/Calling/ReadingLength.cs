using System.Runtime.InteropServices;
using Gateway.Scripting.Contract;

namespace Gateway.Scripting;

/// <summary>Counts about how many bytes readings take as JSON, each character as one. For readings that <see cref="ReadingIntake"/> made the gateway's own.</summary>
internal struct ReadingLength
{
    // A reading's braces, the names of its members and its time, and what stands around each text and number.
    private const int Frame = 150;
    private const int Around = 4;
    private const int Number = 8;

    // Readings of one channel often share their metadata, which is most of what there is to count.
    private IReadOnlyDictionary<string, ReadingValue>? _metadata;
    private long _ofMetadata;

    /// <summary>So many so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Adds a reading.</summary>
    /// <param name="reading">The reading.</param>
    /// <param name="mayChange">Whether the script may have changed the metadata since the last reading.</param>
    public void Add(Reading reading, bool mayChange)
    {
        if (mayChange || !ReferenceEquals(_metadata, reading.Metadata))
        {
            (_metadata, _ofMetadata) = (reading.Metadata, Of(reading.Metadata));
        }

        Bytes += Frame + Of(reading.Index) + Of(reading.Unit) + Of(reading.DeviceId) + Of(reading.RequestId) + _ofMetadata;
        foreach (var value in SpanOf(reading.Values))
        {
            Bytes += Of(value);
        }

        foreach (var label in SpanOf(reading.Label))
        {
            Bytes += Of(label);
        }
    }

    /// <summary>The elements of an array, or of a list that is no other type's base.</summary>
    public static ReadOnlySpan<T> SpanOf<T>(IReadOnlyList<T> list) => list is T[] array ? array : CollectionsMarshal.AsSpan((List<T>)list);

    private static long Of(IReadOnlyDictionary<string, ReadingValue> metadata)
    {
        var length = 0L;
        if (metadata is Dictionary<string, ReadingValue> entries)
        {
            foreach (var (key, value) in entries)
            {
                length += Of(key) + Of(value);
            }
        }

        return length;
    }

    private static long Of(string? text) => text is null ? 0 : Around + text.Length;

    private static long Of(ReadingValue value) => value.Kind is ReadingValueKind.Text ? Of(value.ToString()) : Number;
}
