using Gateway.Coap;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Journal;
using Gateway.Routing;
using Gateway.Scripting;
using Gateway.Scripting.Contract;

namespace Gateway.Uplink;

/// <summary>
/// The conductor: takes a device's request, turns its payload into readings, makes them durable, and answers, with the next command if one
/// is waiting. <see cref="HandleAsync"/> is a frame's whole way.
/// </summary>
internal sealed class DeviceDataHandler(
    Identification identification,
    DeviceDirectory directory,
    CommandRegistry registry,
    CommandConsumer commands,
    IJournal journal,
    TimeProvider time,
    ScriptMetrics scriptMetrics,
    UplinkMetrics metrics,
    ILogger<DeviceDataHandler> log)
{
    // A diagnostic payload is paid for by the device's battery.
    private const int MaxDiagnosticLength = 160;

    // A disk that takes longer than this is as good as full: the device had better keep its frame.
    private static readonly TimeSpan LongestCommit = TimeSpan.FromSeconds(10);

    public async ValueTask<CoapResponse> HandleAsync(DeviceRoute route, CoapRequest coap, CancellationToken cancellation)
    {
        var request = UplinkRequests.Of(route, coap);
        if (route.IsAnonymous)
        {
            return await AnswerAnonymousAsync(route, coap, request, cancellation);
        }

        var sender = await identification.IdentifyAsync(route, request, coap.Payload, cancellation);
        try
        {
            if (sender.FaultyScript is { } faulty)
            {
                return await KeepUnidentifiedAsync(route, coap, request, faulty, sender.Problem!, cancellation);
            }

            if (sender.Device.IsNone)
            {
                return Refuse(route, request, UplinkFailure.NotIdentified, sender.Problem!);
            }

            var admission = await directory.AdmitAsync(sender.Device, route.Profile, cancellation);
            return admission.Outcome switch
            {
                AdmissionOutcome.Active => await TakeAsync(route, coap, request, admission.Device!, cancellation),
                AdmissionOutcome.Held => await HoldAsync(route, coap, request, sender.Device, cancellation),
                AdmissionOutcome.NoRoom => Refuse(route, request, UplinkFailure.NoRoomToHold, "too many unknown devices wait for approval"),
                _ => Refuse(route, request, UplinkFailure.UnknownDevice, "this device is not registered here"),
            };
        }
        catch (Exception e) when (e is JournalUnavailableException or StoreUnavailableException or TimeoutException)
        {
            log.NotDurable(request.RequestId, sender.Device, e);
            return Refuse(route, request, UplinkFailure.NotDurable, "the frame cannot be kept now; send it again");
        }
    }

    private async ValueTask<CoapResponse> TakeAsync(DeviceRoute route, CoapRequest coap, UplinkRequest request, Device device, CancellationToken cancellation)
    {
        var registration = await registry.FindAsync(device, cancellation);
        var frame = registration.Registration is { } found
            ? Parse(found, coap, request)
            : Frame.NotParsed(FrameOutcome.ScriptUnavailable, registration.Problem!);

        await KeepAsync(frame.ToRecord(route, coap, request, device.Id), cancellation);
        metrics.Kept(route.Profile, frame.Outcome, frame.ReadingCount);

        var command = await NextCommandAsync(device, coap, request, frame, cancellation);
        if (frame.Outcome is FrameOutcome.InvalidPayload)
        {
            return Refuse(route, request, UplinkFailure.InvalidPayload, frame.Error!);
        }

        if (frame.Outcome is FrameOutcome.ScriptFailed or FrameOutcome.ScriptUnavailable)
        {
            log.ScriptFailed(request.RequestId, frame.ScriptRef, device.Id, frame.Error!);
        }
        else
        {
            log.Taken(request.RequestId, request.Method, request.Path, request.Peer, device.Id, frame.ReadingCount);
        }

        return command is not null
            ? new CoapResponse(SuccessOf(coap.Method)) { Payload = command.Bytes, ContentFormat = ContentFormat.OctetStream }
            : Respond(registration.Registration, coap, request) ?? new CoapResponse(SuccessOf(coap.Method));
    }

    private Frame Parse(Registration registration, CoapRequest coap, UplinkRequest request)
    {
        if (registration.Script.Current is not { } script)
        {
            return Frame.NotParsed(FrameOutcome.ScriptUnavailable, string.Join("; ", registration.Script.Problems), registration.Script.Ref);
        }

        var outcome = script.Parse(coap.Payload, registration.Config, request);
        scriptMetrics.Parsed(registration.Script.Ref, outcome.Failure?.Kind);
        return outcome.Failure switch
        {
            null => Frame.Parsed(registration, script.Version, outcome.Value!, request),
            { Kind: ScriptFailureKind.InvalidPayload } invalid => Frame.NotParsed(FrameOutcome.InvalidPayload, invalid.Message, registration.Script.Ref, script.Version),
            { } fault => Frame.NotParsed(FrameOutcome.ScriptFailed, fault.Message, registration.Script.Ref, script.Version),
        };
    }

    // The frame is safe by now: whatever goes wrong with commands, its answer stays a success.
    private async ValueTask<OutgoingCommand?> NextCommandAsync(Device device, CoapRequest coap, UplinkRequest request, Frame frame, CancellationToken cancellation)
    {
        try
        {
            await commands.AcknowledgeCommandsAsync(device.Id, cancellation);

            // Nobody waits for the answer to a NON, and an error's answer is no place for a command.
            if (!coap.Confirmable || frame.Outcome is FrameOutcome.InvalidPayload)
            {
                return null;
            }

            var command = await commands.GetFormattedCommandAsync(device, request, cancellation);
            if (command is not null)
            {
                log.CommandGoesOut(request.RequestId, command.RequestId, device.Id, command.Bytes.Length);
            }

            return command;
        }
        catch (StoreUnavailableException e)
        {
            log.CommandsUnavailable(request.RequestId, device.Id, e);
            return null;
        }
    }

    private async ValueTask<CoapResponse> HoldAsync(DeviceRoute route, CoapRequest coap, UplinkRequest request, DeviceId device, CancellationToken cancellation)
    {
        await KeepAsync(Frame.NotParsed(FrameOutcome.Held, "the device waits for approval").ToRecord(route, coap, request, device), cancellation);
        metrics.Kept(route.Profile, FrameOutcome.Held, 0);
        return new CoapResponse(SuccessOf(coap.Method));
    }

    // The script that should have said who it is is broken; with the mended one the frame can be read again.
    private async ValueTask<CoapResponse> KeepUnidentifiedAsync(
        DeviceRoute route, CoapRequest coap, UplinkRequest request, CatalogScript faulty, string problem, CancellationToken cancellation)
    {
        log.ScriptFailed(request.RequestId, faulty.Ref, DeviceId.None, problem);
        var outcome = faulty.Current is null ? FrameOutcome.ScriptUnavailable : FrameOutcome.ScriptFailed;
        var frame = Frame.NotParsed(outcome, problem, faulty.Ref, faulty.Current?.Version ?? "");
        await KeepAsync(frame.ToRecord(route, coap, request, DeviceId.None), cancellation);
        metrics.Kept(route.Profile, outcome, 0);
        return new CoapResponse(SuccessOf(coap.Method));
    }

    // After this the frame is on disk: only now may the device be told so.
    private async ValueTask KeepAsync(JournalRecord record, CancellationToken cancellation)
    {
        var written = journal.AppendAsync(record, cancellation);
        if (!written.IsCompletedSuccessfully)
        {
            await written.AsTask().WaitAsync(LongestCommit, time, cancellation);
        }
    }

    private async ValueTask<CoapResponse> AnswerAnonymousAsync(DeviceRoute route, CoapRequest coap, UplinkRequest request, CancellationToken cancellation)
    {
        var registration = await registry.AnonymousAsync(route.Profile, cancellation);
        return Respond(registration, coap, request) ?? Refuse(route, request, UplinkFailure.NoAnswer, "the gateway has no answer to this");
    }

    private CoapResponse? Respond(Registration? registration, CoapRequest coap, UplinkRequest request)
    {
        if (registration?.Script.Current is not { CanRespond: true } script)
        {
            return null;
        }

        var outcome = script.Respond(coap.Payload, registration.Config, request);
        if (outcome.Failure is { } failure)
        {
            log.ScriptFailed(request.RequestId, registration.Script.Ref, DeviceId.None, failure.Message);
            return null;
        }

        if (outcome.Value is not { } response)
        {
            return null;
        }

        var code = SuccessOf(coap.Method);
        if (response.Code is { } named && (!CoapCode.TryParse(named, out code) || !code.IsResponse))
        {
            log.ScriptFailed(request.RequestId, registration.Script.Ref, DeviceId.None, $"respond gave the code \"{named}\"; a response code such as 2.05 is expected");
            return null;
        }

        return new CoapResponse(code) { Payload = response.Payload, ContentFormat = response.ContentFormat };
    }

    private CoapResponse Refuse(DeviceRoute route, UplinkRequest request, UplinkFailure failure, string problem)
    {
        log.Refused(request.RequestId, request.Method, request.Path, request.Peer, failure, problem);
        metrics.Refused(route.Profile, failure);
        return failure.ToResponse(problem.Length > MaxDiagnosticLength ? problem[..MaxDiagnosticLength] : problem);
    }

    // RFC 7252 5.8: what a success is called depends on the method.
    private static CoapCode SuccessOf(CoapCode method) =>
        method == CoapCode.Post ? CoapCode.Created
        : method == CoapCode.Put ? CoapCode.Changed
        : method == CoapCode.Delete ? CoapCode.Deleted
        : CoapCode.Content;
}
