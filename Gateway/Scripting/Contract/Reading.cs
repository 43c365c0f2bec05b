using System.Collections.Immutable;

namespace Gateway.Scripting.Contract;

/// <summary>
/// One standardized reading: what a script's <c>parse</c> returns, and what the sinks write as JSON
/// (<c>device_id</c>, <c>index</c>, <c>values</c>, <c>unit</c>, <c>timestamp</c>, <c>label</c>, <c>metadata</c>, <c>request_id</c>).
/// </summary>
public sealed record Reading
{
    /// <summary>Makes a reading.</summary>
    /// <param name="index">What was measured, for example <c>TEMPERATURE</c>; not empty.</param>
    /// <param name="values">The measured values; none when there is something to report but no value, such as a sensor's error.</param>
    public Reading(string index, params ReadingValue[] values)
    {
        Index = !string.IsNullOrWhiteSpace(index)
            ? index
            : throw new ArgumentException("a reading needs an index: what was measured", nameof(index));
        Values = values;
    }

    /// <summary>What was measured, for example <c>TEMPERATURE</c>.</summary>
    public string Index { get; }

    /// <summary>The measured values, in the unit of <see cref="Unit"/>.</summary>
    public IReadOnlyList<ReadingValue> Values { get; init; }

    /// <summary>The values' unit by its SenML symbol (RFC 8428, RFC 8798) where one is registered, such as <c>Cel</c> or <c>%RH</c>; null for none.</summary>
    public string? Unit { get; init; }

    /// <summary>When it was measured; null means when the frame was received.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>Labels of this reading; the gateway puts the device's own labels before them.</summary>
    public IReadOnlyList<string> Label { get; init; } = [];

    /// <summary>Anything else that is known of the reading, such as <c>channel_number</c>; the gateway adds the device's own metadata where no key is the same.</summary>
    public IReadOnlyDictionary<string, ReadingValue> Metadata { get; init; } = ImmutableDictionary<string, ReadingValue>.Empty;

    /// <summary>Whose reading it is; null means the device that sent the frame. A device that speaks for others names them here.</summary>
    public string? DeviceId { get; init; }

    /// <summary>The exchange that brought the reading; null means the present one.</summary>
    public string? RequestId { get; init; }
}
