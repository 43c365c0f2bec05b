using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.Loader;

namespace Gateway.Scripting;

/// <summary>What is measured of the scripts.</summary>
internal sealed class ScriptMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Gateway.Scripting";

    private readonly Histogram<double> _loadDuration;
    private readonly Counter<long> _loads;
    private readonly ConcurrentDictionary<(string Script, string Function), ScriptCallTally> _calls = new();
    private readonly Histogram<double> _callDuration;
    private readonly Counter<long> _lookups;
    private readonly Counter<long> _warnings;

    /// <summary>Makes the instruments.</summary>
    public ScriptMetrics(IMeterFactory meters, UnloadedContexts unloaded)
    {
        var meter = meters.Create(MeterName);
        _loadDuration = meter.CreateHistogram(
            "gateway.script.load.duration", "s", "How long it took to compile and load a script, whether it succeeded or not.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });
        _loads = meter.CreateCounter<long>("gateway.script.loads", "{load}", "Scripts loaded, by outcome.");
        meter.CreateObservableCounter("gateway.script.calls", Calls, "{call}", "Calls of scripts, by script, function and outcome.");
        _callDuration = meter.CreateHistogram(
            "gateway.script.call.duration", "s", "How long calls of scripts took, by script and function: of the first thousand each, then of one in sixteen.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.5, 1] });
        _lookups = meter.CreateCounter<long>("gateway.script.cache.lookups", "{lookup}", "Compiled scripts looked for in the cache, by result.");
        _warnings = meter.CreateCounter<long>("gateway.script.warnings", "{warning}", "What scripts warned of while they read a payload, by script.");
        meter.CreateObservableGauge(
            "gateway.script.contexts.alive", static () => AssemblyLoadContext.All.Count(context => context is ScriptContext), "{context}",
            "Versions of scripts in memory: those that serve, candidates, and those that were replaced and are not gone yet.");
        meter.CreateObservableGauge(
            "gateway.script.contexts.unloaded_alive", () => unloaded.Alive, "{context}", "Replaced scripts that are still in memory; it must not keep growing.");
    }

    /// <summary>A version was built, or not.</summary>
    /// <param name="succeeded">Whether it may go live.</param>
    /// <param name="fromCache">Whether it had been compiled before; null when compiled scripts are not kept.</param>
    /// <param name="took">How long it took.</param>
    public void Loaded(bool succeeded, bool? fromCache, TimeSpan took)
    {
        _loadDuration.Record(took.TotalSeconds, new KeyValuePair<string, object?>("source", fromCache == true ? "cache" : "compiler"));
        Loaded(succeeded);
    }

    /// <summary>A script was loaded, or not, without the compiler having to do with it.</summary>
    public void Loaded(bool succeeded) => _loads.Add(1, new KeyValuePair<string, object?>("outcome", succeeded ? "ok" : "failed"));

    /// <summary>A compiled script was looked for in the cache.</summary>
    public void LookedUp(bool found) => _lookups.Add(1, new KeyValuePair<string, object?>("result", found ? "hit" : "miss"));

    /// <summary>A script's function is about to be called. Whoever says so says when it was: see <see cref="End"/>.</summary>
    /// <param name="scriptRef">The script's file name.</param>
    /// <param name="function">The function.</param>
    /// <param name="time">The clock.</param>
    public ScriptCall Begin(string scriptRef, ScriptFunction function, TimeProvider time)
    {
        var tally = TallyOf(scriptRef, function);
        return new ScriptCall(scriptRef, function.Name, tally, tally.Begin() ? time.GetTimestamp() : null);
    }

    /// <summary>The call is over.</summary>
    /// <param name="call">The call.</param>
    /// <param name="failure">Why it gave no result; null when it did.</param>
    /// <param name="time">The clock.</param>
    public void End(in ScriptCall call, ScriptFailureKind? failure, TimeProvider time)
    {
        call.Tally.End(failure);
        if (call.Started is { } started)
        {
            Record(call.Script, call.Function, time.GetElapsedTime(started));
        }
    }

    /// <summary>A script's function was called.</summary>
    /// <param name="scriptRef">The script's file name.</param>
    /// <param name="function">The function.</param>
    /// <param name="failure">Why it gave no result; null when it did.</param>
    /// <param name="took">How long it took.</param>
    public void Called(string scriptRef, ScriptFunction function, ScriptFailureKind? failure, TimeSpan took)
    {
        TallyOf(scriptRef, function).End(failure);
        Record(scriptRef, function.Name, took);
    }

    /// <summary>A script warned of so many things.</summary>
    public void Warned(string scriptRef, int warnings) => _warnings.Add(warnings, new KeyValuePair<string, object?>("script", scriptRef));

    private ScriptCallTally TallyOf(string scriptRef, ScriptFunction function) => _calls.GetOrAdd((scriptRef, function.Name), static _ => new ScriptCallTally());

    private void Record(string scriptRef, string function, TimeSpan took) =>
        _callDuration.Record(took.TotalSeconds, new("script", scriptRef), new("function", function));

    private IEnumerable<Measurement<long>> Calls() =>
        from called in _calls
        from outcome in called.Value.Outcomes()
        select new Measurement<long>(
            outcome.Calls, new("script", called.Key.Script), new("function", called.Key.Function), new KeyValuePair<string, object?>("outcome", OutcomeOf(outcome.Failure)));

    private static string OutcomeOf(ScriptFailureKind? failure) => failure switch
    {
        null => "ok",
        ScriptFailureKind.InvalidPayload => "invalid_payload",
        ScriptFailureKind.InvalidCommand => "invalid_command",
        ScriptFailureKind.LimitExceeded => "limit_exceeded",
        _ => "fault",
    };
}
