using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Gateway.Journal;

namespace Gateway.Uplink;

/// <summary>What became of the frames.</summary>
internal sealed class UplinkMetrics
{
    public const string MeterName = "Gateway.Uplink";

    // Counted here and told when asked: an instrument with tags takes longer for each frame than all else that is counted.
    private readonly ConcurrentDictionary<(string Profile, FrameOutcome Outcome), Tally> _kept = new();
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _replayed;

    public UplinkMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        meter.CreateObservableCounter("gateway.uplink.frames", Frames, "{frame}", "Frames that were kept, by profile and by outcome: parsed, held, invalid_payload, script_failed or script_unavailable.");
        meter.CreateObservableCounter("gateway.uplink.readings", Readings, "{reading}", "Readings out of frames, by profile.");
        _refusals = meter.CreateCounter<long>("gateway.uplink.refusals", "{request}", "Requests that were answered with an error, by profile and by failure.");
        _replayed = meter.CreateCounter<long>("gateway.uplink.replayed", "{frame}", "Frames that a replay read again, by result: parsed, unchanged, failed or held.");
    }

    public void Kept(string profile, FrameOutcome outcome, int readings)
    {
        var tally = _kept.GetOrAdd((profile, outcome), static _ => new Tally());
        Interlocked.Increment(ref tally.Frames);
        Interlocked.Add(ref tally.Readings, readings);
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

    private IEnumerable<Measurement<long>> Frames() => _kept.Select(kept => new Measurement<long>(
        Interlocked.Read(ref kept.Value.Frames),
        new KeyValuePair<string, object?>("profile", kept.Key.Profile), new KeyValuePair<string, object?>("outcome", Name(kept.Key.Outcome))));

    private IEnumerable<Measurement<long>> Readings() =>
        from kept in _kept
        group Interlocked.Read(ref kept.Value.Readings) by kept.Key.Profile into ofProfile
        let readings = ofProfile.Sum()
        where readings > 0
        select new Measurement<long>(readings, new KeyValuePair<string, object?>("profile", ofProfile.Key));

    private static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    // Changed by any thread, with Interlocked.
    private sealed class Tally
    {
        public long Frames;
        public long Readings;
    }
}
