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
    FrameReader reader,
    CommandConsumer commands,
    Responder responder,
    IJournal journal,
    TimeProvider time,
    UplinkMetrics metrics,
    FailureLog failures,
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
        var lookup = await registry.FindAsync(device, cancellation);
        var frame = reader.Read(lookup, coap, request);
        await KeepAsync(frame, route, coap, request, device.Id, cancellation);
        var command = await NextCommandAsync(device, coap, request, frame, cancellation);

        if (frame.Outcome is FrameOutcome.InvalidPayload)
        {
            return Refuse(route, request, UplinkFailure.InvalidPayload, frame.Error!);
        }

        return command is not null
            ? new CoapResponse(Responder.SuccessOf(coap.Method)) { Payload = command.Bytes, ContentFormat = ContentFormat.OctetStream }
            : responder.Respond(lookup.Registration, device.Id, coap, request) ?? new CoapResponse(Responder.SuccessOf(coap.Method));
    }

    private async ValueTask<CoapResponse> HoldAsync(DeviceRoute route, CoapRequest coap, UplinkRequest request, DeviceId device, CancellationToken cancellation)
    {
        await KeepAsync(Frame.NotParsed(FrameOutcome.Held, "the device waits for approval"), route, coap, request, device, cancellation);
        return new CoapResponse(Responder.SuccessOf(coap.Method));
    }

    // The script that should have said who it is is broken; with the mended one the frame can be read again.
    private async ValueTask<CoapResponse> KeepUnidentifiedAsync(
        DeviceRoute route, CoapRequest coap, UplinkRequest request, CatalogScript faulty, string problem, CancellationToken cancellation)
    {
        var outcome = faulty.Current is null ? FrameOutcome.ScriptUnavailable : FrameOutcome.ScriptFailed;
        await KeepAsync(Frame.NotParsed(outcome, problem, faulty.Ref, faulty.Current?.Version ?? ""), route, coap, request, DeviceId.None, cancellation);
        return new CoapResponse(Responder.SuccessOf(coap.Method));
    }

    private async ValueTask<CoapResponse> AnswerAnonymousAsync(DeviceRoute route, CoapRequest coap, UplinkRequest request, CancellationToken cancellation)
    {
        var registration = await registry.AnonymousAsync(route.Profile, cancellation);
        return responder.Respond(registration, DeviceId.None, coap, request) ?? Refuse(route, request, UplinkFailure.NoAnswer, "the gateway has no answer to this");
    }

    // After this the frame is on disk: only now may the device be told so.
    private async ValueTask KeepAsync(
        Frame frame, DeviceRoute route, CoapRequest coap, UplinkRequest request, DeviceId device, CancellationToken cancellation)
    {
        var written = journal.AppendAsync(frame.ToRecord(route, coap, request, device), cancellation);
        if (!written.IsCompletedSuccessfully)
        {
            await written.AsTask().WaitAsync(LongestCommit, time, cancellation);
        }

        metrics.Kept(route.Profile, frame.Outcome, frame.ReadingCount);
        if (frame.Outcome is FrameOutcome.ScriptFailed or FrameOutcome.ScriptUnavailable)
        {
            failures.Report(request.RequestId, frame.ScriptRef, device, frame.Error!);
        }
        else
        {
            log.Kept(request.RequestId, request.Method, request.Path, request.Peer, device, frame.Outcome, frame.ReadingCount);
        }
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

    private CoapResponse Refuse(DeviceRoute route, UplinkRequest request, UplinkFailure failure, string problem)
    {
        log.Refused(request.RequestId, request.Method, request.Path, request.Peer, failure, problem);
        metrics.Refused(route.Profile, failure);
        return failure.ToResponse(problem.Length > MaxDiagnosticLength ? problem[..MaxDiagnosticLength] : problem);
    }
}
