using System.Collections.Immutable;
using Gateway.Scripting.Contract;

namespace Gateway.Scripting;

/// <summary>Fills in what a script left open in its readings: whose they are, when, in which exchange, and what is known of the device.</summary>
internal static class ReadingCompletion
{
    /// <summary>The metadata key under which a script's warnings travel.</summary>
    public const string WarningsKey = "warnings";

    // What warnings may add to a frame in all: they are on each of its readings, which may be thousands, and must not be what a frame comes to grief on.
    private const int MostWarningCharacters = 256 << 10;

    /// <summary>The readings with nothing left open. The device's labels come before the script's; of metadata under the same key the script's wins.</summary>
    /// <param name="readings">What the script read.</param>
    /// <param name="config">What is known of the device.</param>
    /// <param name="request">The request that brought the frame.</param>
    /// <param name="warnings">What the script warned of.</param>
    public static IReadOnlyList<Reading> Complete(
        IReadOnlyList<Reading> readings, DeviceConfig config, UplinkRequest request, IReadOnlyList<string>? warnings = null)
    {
        // Most readings have no labels and metadata of their own, and share these.
        var metadata = MetadataFor(config, warnings ?? [], readings.Count);
        var completed = new Reading[readings.Count];
        for (var i = 0; i < completed.Length; i++)
        {
            var reading = readings[i];
            completed[i] = reading with
            {
                DeviceId = reading.DeviceId ?? config.DeviceId,
                RequestId = reading.RequestId ?? request.RequestId,
                Timestamp = reading.Timestamp ?? request.ReceivedAt,
                Label = Labels(config.Labels, reading.Label),
                Metadata = Merged(metadata, reading.Metadata),
            };
        }

        return completed;
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

    private static IReadOnlyList<string> Labels(IReadOnlyList<string> ofDevice, IReadOnlyList<string> ofScript) =>
        ofScript.Count == 0 ? ofDevice : [.. ofDevice.Concat(ofScript).Distinct()];

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
