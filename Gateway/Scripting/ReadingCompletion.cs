using System.Collections.Immutable;
using Gateway.Scripting.Contract;

namespace Gateway.Scripting;

/// <summary>Fills in what a script left open in its readings: whose they are, when, in which exchange, and what is known of the device.</summary>
internal static class ReadingCompletion
{
    /// <summary>The readings with nothing left open. The device's labels come before the script's; of metadata under the same key the script's wins.</summary>
    public static IReadOnlyList<Reading> Complete(IReadOnlyList<Reading> readings, DeviceConfig config, UplinkRequest request)
    {
        // Most readings have no labels and metadata of their own, and share these.
        IReadOnlyDictionary<string, ReadingValue> metadata = config.Metadata.Count == 0
            ? ImmutableDictionary<string, ReadingValue>.Empty
            : config.Metadata.ToDictionary(entry => entry.Key, entry => (ReadingValue)entry.Value);
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
