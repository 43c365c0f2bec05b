using System.Diagnostics.Metrics;
using System.Text.Json;
using Gateway.Journal;

namespace Gateway.Uplink;

/// <summary>What became of the frames.</summary>
internal sealed class UplinkMetrics
{
    public const string MeterName = "Gateway.Uplink";

    private readonly Counter<long> _frames;
    private readonly Counter<long> _readings;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _replayed;

    public UplinkMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _frames = meter.CreateCounter<long>("gateway.uplink.frames", "{frame}", "Frames that were kept, by profile and by outcome: parsed, held, invalid_payload, script_failed or script_unavailable.");
        _readings = meter.CreateCounter<long>("gateway.uplink.readings", "{reading}", "Readings out of frames, by profile.");
        _refusals = meter.CreateCounter<long>("gateway.uplink.refusals", "{request}", "Requests that were answered with an error, by profile and by failure.");
        _replayed = meter.CreateCounter<long>("gateway.uplink.replayed", "{frame}", "Frames that a replay read again, by result: parsed, unchanged, failed or held.");
    }

    public void Kept(string profile, FrameOutcome outcome, int readings)
    {
        var tag = new KeyValuePair<string, object?>("profile", profile);
        _frames.Add(1, tag, new KeyValuePair<string, object?>("outcome", Name(outcome)));
        if (readings > 0)
        {
            _readings.Add(readings, tag);
        }
    }

    public void Refused(string profile, UplinkFailure failure) =>
        _refusals.Add(1, new KeyValuePair<string, object?>("profile", profile), new KeyValuePair<string, object?>("failure", Name(failure)));

    /// <summary>What a replay has done; told at its end.</summary>
    public void Replayed(ReplayCounts counts)
    {
        (string Result, long Frames)[] results = [("parsed", counts.Parsed), ("unchanged", counts.Unchanged), ("failed", counts.Failed), ("held", counts.Held)];
        foreach (var (result, frames) in results.Where(result => result.Frames > 0))
        {
            _replayed.Add(frames, new KeyValuePair<string, object?>("result", result));
        }
    }

    private static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
