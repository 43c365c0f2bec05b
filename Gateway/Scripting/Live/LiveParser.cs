using System.Globalization;
using Gateway.Scripting.Contract;

namespace Gateway.Scripting;

/// <summary>
/// Lets a script's live version read a frame, and draws the consequences: it is counted, a candidate gets the frame too, a version that must be
/// stopped again and again is not called for that device for a while, and one that fails on everything is taken back.
/// </summary>
internal sealed class LiveParser(ScriptCatalog catalog, ShadowRunner shadow, ScriptMetrics metrics, TimeProvider time, ScriptSettings settings)
{
    private volatile ScriptSettings _settings = settings;

    /// <summary>From now on these say when a version is taken back.</summary>
    public void Use(ScriptSettings settings) => _settings = settings;

    /// <summary>The readings in a payload, or why there are none.</summary>
    /// <param name="script">The script.</param>
    /// <param name="state">The script's state, taken once for the frame.</param>
    /// <param name="payload">The payload.</param>
    /// <param name="config">The device's configuration.</param>
    /// <param name="request">The request that brought it.</param>
    public ScriptOutcome<IReadOnlyList<Reading>> Parse(CatalogScript script, ScriptState state, ReadOnlyMemory<byte> payload, DeviceConfig config, UplinkRequest request)
    {
        var live = state.Live!;
        if (live.Breakers.OpenUntil(config.DeviceId) is { } until)
        {
            return new ScriptFailure(ScriptFailureKind.LimitExceeded, string.Create(
                CultureInfo.InvariantCulture,
                $"the script was stopped on each of this device's last {DeviceBreakers.Stops} frames, and is not called for it until {until:yyyy-MM-dd'T'HH:mm:ss'Z'} ({live.Script.Name})"));
        }

        var outcome = state.Candidate is { } candidate
            ? ParseBeside(candidate, script, live, payload, config, request)
            : Parse(script, live, payload, config, request);
        Note(script, live, config.DeviceId, outcome.Failure?.Kind);
        return outcome;
    }

    /// <summary>The same for a frame that came long ago. It is counted among the calls, and has none of the consequences.</summary>
    public ScriptOutcome<IReadOnlyList<Reading>> ParseAgain(
        CatalogScript script, ScriptState state, ReadOnlyMemory<byte> payload, DeviceConfig config, UplinkRequest request)
    {
        var started = time.GetTimestamp();
        var outcome = state.Live!.Script.Parse(payload, config, request);
        metrics.Called(script.Ref, ScriptFunction.Parse, outcome.Failure?.Kind, time.GetElapsedTime(started));
        return outcome;
    }

    private ScriptOutcome<IReadOnlyList<Reading>> Parse(
        CatalogScript script, LiveVersion live, ReadOnlyMemory<byte> payload, DeviceConfig config, UplinkRequest request)
    {
        var call = metrics.Begin(script.Ref, ScriptFunction.Parse, time);
        var outcome = live.Script.Parse(payload, config, request);
        metrics.End(call, outcome.Failure?.Kind, time);
        return outcome;
    }

    // The candidate's times are compared with these.
    private ScriptOutcome<IReadOnlyList<Reading>> ParseBeside(
        ScriptCandidate candidate, CatalogScript script, LiveVersion live, ReadOnlyMemory<byte> payload, DeviceConfig config, UplinkRequest request)
    {
        var started = time.GetTimestamp();
        var outcome = live.Script.Parse(payload, config, request);
        var took = time.GetElapsedTime(started);
        metrics.Called(script.Ref, ScriptFunction.Parse, outcome.Failure?.Kind, took);
        shadow.Offer(candidate, payload, config, request, outcome, took);
        return outcome;
    }

    private void Note(CatalogScript script, LiveVersion live, string device, ScriptFailureKind? failure)
    {
        live.Tally.Add(failure);
        if (failure is ScriptFailureKind.LimitExceeded)
        {
            live.Breakers.Stopped(device);
        }
        else
        {
            live.Breakers.Finished(device);
        }

        if (failure is not null && _settings.AutomaticRollback && RollbackRule.Reason(live, _settings.RollbackFailureIncrease) is { } reason)
        {
            catalog.TakeBack(script, live, reason);
        }
    }
}
