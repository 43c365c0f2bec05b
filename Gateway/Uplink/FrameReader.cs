using Gateway.Coap;
using Gateway.Commands;
using Gateway.Journal;
using Gateway.Scripting;
using Gateway.Scripting.Contract;

namespace Gateway.Uplink;

/// <summary>Lets a device's script read its frame, and says what became of it. A script's failure is an outcome, never an exception.</summary>
internal sealed class FrameReader(LiveParser parser, ScriptMetrics metrics, ILogger<FrameReader> log)
{
    public Frame Read(Lookup lookup, CoapRequest coap, UplinkRequest request) => Read(lookup, coap.Payload, request, again: false);

    /// <summary>The same for a frame that came long ago: what the script makes of it has no consequences for live frames.</summary>
    public Frame ReadAgain(Lookup lookup, ReadOnlyMemory<byte> payload, UplinkRequest request) => Read(lookup, payload, request, again: true);

    private Frame Read(Lookup lookup, ReadOnlyMemory<byte> payload, UplinkRequest request, bool again)
    {
        if (lookup.Registration is not { } registration)
        {
            return Frame.NotParsed(FrameOutcome.ScriptUnavailable, lookup.Problem!);
        }

        // The version that is live now reads the whole frame, whatever is swapped in meanwhile.
        var script = registration.Script;
        var state = script.State;
        if (state.Current is not { } version)
        {
            return Frame.NotParsed(FrameOutcome.ScriptUnavailable, string.Join("; ", state.Problems), script.Ref);
        }

        var outcome = again
            ? parser.ParseAgain(script, state, payload, registration.Config, request)
            : parser.Parse(script, state, payload, registration.Config, request);
        Note(outcome.Warnings, script.Ref, request);
        return outcome.Failure switch
        {
            null => Frame.Parsed(registration, version.Version, outcome, request),
            { Kind: ScriptFailureKind.InvalidPayload } invalid => Frame.NotParsed(FrameOutcome.InvalidPayload, invalid.Message, script.Ref, version.Version),
            { } fault => Frame.NotParsed(FrameOutcome.ScriptFailed, fault.Message, script.Ref, version.Version) with
            {
                WasStopped = fault.Kind is ScriptFailureKind.LimitExceeded,
            },
        };
    }

    private void Note(IReadOnlyList<string> warnings, string scriptRef, UplinkRequest request)
    {
        if (warnings.Count == 0)
        {
            return;
        }

        metrics.Warned(scriptRef, warnings.Count);
        foreach (var warning in warnings)
        {
            log.ScriptWarned(request.RequestId, scriptRef, warning);
        }
    }
}
