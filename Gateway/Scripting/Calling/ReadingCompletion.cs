using System.Collections.Immutable;
using Gateway.Scripting.Contract;

namespace Gateway.Scripting;

/// <summary>Fills in what a script left open in its readings: whose they are, when, in which exchange, and what is known of the device. Of one frame.</summary>
internal sealed class ReadingCompletion
{
    /// <summary>The metadata key under which a script's warnings travel.</summary>
    public const string WarningsKey = "warnings";

    // What warnings may add to a frame in all: they are on each of its readings, which may be thousands, and must not be what a frame comes to grief on.
    private const int MostWarningCharacters = 256 << 10;

    private readonly DeviceConfig _config;
    private readonly UplinkRequest _request;

    // Most readings have no metadata of their own, and share this.
    private readonly IReadOnlyDictionary<string, ReadingValue> _common;

    // Readings of one channel often share theirs: what they have together with the device's is then shared as well.
    private IReadOnlyDictionary<string, ReadingValue>? _lastMetadata;
    private IReadOnlyDictionary<string, ReadingValue>? _lastMerged;

    /// <summary>The completion of a frame's readings.</summary>
    /// <param name="config">What is known of the device.</param>
    /// <param name="request">The request that brought the frame.</param>
    /// <param name="warnings">What the script warned of.</param>
    /// <param name="readings">How many readings there are.</param>
    public ReadingCompletion(DeviceConfig config, UplinkRequest request, IReadOnlyList<string> warnings, int readings)
    {
        (_config, _request) = (config, request);
        _common = MetadataFor(config, warnings, readings);
    }

    /// <summary>The readings with nothing left open. The device's labels come before the script's; of metadata under the same key the script's wins.</summary>
    /// <param name="readings">What the script read.</param>
    /// <param name="config">What is known of the device.</param>
    /// <param name="request">The request that brought the frame.</param>
    /// <param name="warnings">What the script warned of.</param>
    public static IReadOnlyList<Reading> Complete(
        IReadOnlyList<Reading> readings, DeviceConfig config, UplinkRequest request, IReadOnlyList<string>? warnings = null)
    {
        var completion = new ReadingCompletion(config, request, warnings ?? [], readings.Count);
        return [.. readings.Select(reading => reading with
        {
            DeviceId = completion.DeviceIdOf(reading),
            RequestId = completion.RequestIdOf(reading),
            Timestamp = completion.TimestampOf(reading),
            Label = completion.LabelsOf(reading),
            Metadata = completion.MetadataOf(reading),
        })];
    }

    /// <summary>Whose it is.</summary>
    public string DeviceIdOf(Reading reading) => reading.DeviceId ?? _config.DeviceId;

    /// <summary>The exchange that brought it.</summary>
    public string RequestIdOf(Reading reading) => reading.RequestId ?? _request.RequestId;

    /// <summary>When it was measured.</summary>
    public DateTimeOffset TimestampOf(Reading reading) => reading.Timestamp ?? _request.ReceivedAt;

    /// <summary>The device's labels and its own.</summary>
    public IReadOnlyList<string> LabelsOf(Reading reading) =>
        reading.Label.Count == 0 ? _config.Labels : [.. _config.Labels.Concat(reading.Label).Distinct()];

    /// <summary>Its own metadata and the device's; the same object as for the reading before when that had the same.</summary>
    public IReadOnlyDictionary<string, ReadingValue> MetadataOf(Reading reading)
    {
        if (!ReferenceEquals(_lastMetadata, reading.Metadata))
        {
            (_lastMetadata, _lastMerged) = (reading.Metadata, Merged(_common, reading.Metadata));
        }

        return _lastMerged!;
    }

    private static IReadOnlyDictionary<string, ReadingValue> MetadataFor(DeviceConfig config, IReadOnlyList<string> warnings, int readings)
    {
        if (config.Metadata.Count == 0 && warnings.Count == 0)
        {
            return ImmutableDictionary<string, ReadingValue>.Empty;
        }

        var metadata = config.Metadata.ToDictionary(entry => entry.Key, entry => (ReadingValue)entry.Value);
        if (warnings.Count > 0)
        {
            var text = string.Join("; ", warnings);
            var longest = MostWarningCharacters / Math.Max(readings, 1);
            metadata[WarningsKey] = text.Length <= longest ? text : $"{text.AsSpan(0, char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest)}…";
        }

        return metadata;
    }

    private static IReadOnlyDictionary<string, ReadingValue> Merged(
        IReadOnlyDictionary<string, ReadingValue> ofDevice, IReadOnlyDictionary<string, ReadingValue> ofScript)
    {
        if (ofScript.Count == 0 || ofDevice.Count == 0)
        {
            return ofScript.Count == 0 ? ofDevice : ofScript;
        }

        var merged = new Dictionary<string, ReadingValue>(ofScript);
        foreach (var (key, value) in ofDevice)
        {
            merged.TryAdd(key, value);
        }

        return merged;
    }
}
