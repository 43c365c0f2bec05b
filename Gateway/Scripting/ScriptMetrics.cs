using System.Diagnostics.Metrics;

namespace Gateway.Scripting;

/// <summary>What is measured of the scripts.</summary>
internal sealed class ScriptMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Gateway.Scripting";

    private readonly Histogram<double> _loadDuration;
    private readonly Counter<long> _loads;
    private readonly Counter<long> _parses;
    private readonly Counter<long> _warnings;
    private readonly Counter<long> _lookups;

    /// <summary>Makes the instruments.</summary>
    public ScriptMetrics(IMeterFactory meters, UnloadedContexts unloaded)
    {
        var meter = meters.Create(MeterName);
        _loadDuration = meter.CreateHistogram(
            "gateway.script.load.duration", "s", "How long it took to compile and load a script, whether it succeeded or not.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });
        _loads = meter.CreateCounter<long>("gateway.script.loads", "{load}", "Scripts loaded, by outcome.");
        _parses = meter.CreateCounter<long>("gateway.script.parses", "{parse}", "Payloads given to a script, by script and outcome.");
        _warnings = meter.CreateCounter<long>("gateway.script.warnings", "{warning}", "What scripts warned of while they read a payload, by script.");
        _lookups = meter.CreateCounter<long>("gateway.script.cache.lookups", "{lookup}", "Compiled scripts looked for in the cache, by result.");
        meter.CreateObservableGauge(
            "gateway.script.contexts.unloaded_alive", () => unloaded.Alive, "{context}", "Replaced scripts that are still in memory; it must not keep growing.");
    }

    /// <summary>A script was compiled and loaded, or not.</summary>
    public void Loaded(bool succeeded, TimeSpan took)
    {
        _loadDuration.Record(took.TotalSeconds);
        Loaded(succeeded);
    }

    /// <summary>A script was loaded, or not, without the compiler having to do with it.</summary>
    public void Loaded(bool succeeded) => _loads.Add(1, new KeyValuePair<string, object?>("outcome", succeeded ? "ok" : "failed"));

    /// <summary>A compiled script was looked for in the cache.</summary>
    public void LookedUp(bool found) => _lookups.Add(1, new KeyValuePair<string, object?>("result", found ? "hit" : "miss"));

    /// <summary>A payload was given to a script's <c>parse</c>.</summary>
    /// <param name="scriptRef">The script's file name.</param>
    /// <param name="failure">What came of it; null when it was parsed.</param>
    public void Parsed(string scriptRef, ScriptFailureKind? failure) => _parses.Add(
        1, new("script", scriptRef),
        new("outcome", failure switch
        {
            null => "ok",
            ScriptFailureKind.InvalidPayload => "invalid_payload",
            ScriptFailureKind.InvalidCommand => "invalid_command",
            ScriptFailureKind.LimitExceeded => "limit_exceeded",
            _ => "fault",
        }));

    /// <summary>A script warned of so many things.</summary>
    public void Warned(string scriptRef, int warnings) => _warnings.Add(warnings, new KeyValuePair<string, object?>("script", scriptRef));
}
