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
/// is waiting. <see cref="HandleOnceReadyAsync"/> is a frame's whole way.
/// </summary>
internal sealed class DeviceDataHandler(
    Identification identification,
    FrameProof proof,
    DeviceDirectory directory,
    ProfileCatalog profiles,
    ReadyScripts scripts,
    FrameReader reader,
    CommandDelivery commands,
    CommandPush push,
    CoapSettings coapSettings,
    Responder responder,
    Registrar registrar,
    IJournal journal,
    TimeProvider time,
    UplinkMetrics metrics,
    Refusals refusals,
    FailureLog failures,
    RecentExchanges exchanges,
    ILogger<DeviceDataHandler> log)
{
    // A disk that takes longer than this is as good as full: the device had better keep its frame.
    private static readonly TimeSpan LongestCommit = TimeSpan.FromSeconds(10);

    public async ValueTask<CoapResponse> HandleAsync(DeviceRoute route, CoapRequest coap, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var request = UplinkRequests.Of(route, coap);
        var note = new UplinkNote { ArrivedAt = started };
        var answer = await AnswerAsync(route, coap, request, note, cancellation);
        exchanges.Note(note.ToExchange(route, coap, request, answer, time.GetElapsedTime(started)), note.Frame?.NextTransmissionAt);
        return answer;
    }

    private async ValueTask<CoapResponse> AnswerAsync(DeviceRoute route, CoapRequest coap, UplinkRequest request, UplinkNote note, CancellationToken cancellation)
    {
        try
        {
            return await HandleOnceReadyAsync(route, coap, request, note, cancellation);
        }
        catch (Exception e) when (e is JournalUnavailableException or StoreUnavailableException or TimeoutException)
        {
            failures.ReportNotDurable(request.RequestId, request.Peer, e);
            (note.Verdict, note.Carried) = (note.Verdict is CommandVerdict.NoneWaiting ? CommandVerdict.NoneWaiting : CommandVerdict.Unavailable, null);
            return refusals.Refuse(route, request, note, UplinkFailure.NotDurable, "the frame cannot be kept now; send it again");
        }
    }

    private async ValueTask<CoapResponse> HandleOnceReadyAsync(
        DeviceRoute route, CoapRequest coap, UplinkRequest request, UplinkNote note, CancellationToken cancellation)
    {
        try
        {
            if (!proof.TakesPeer(route.Profile, coap.Peer))
            {
                return refusals.RefuseUnproven(route, request, note, new ProofFailure(UplinkFailure.PeerNotAllowed, $"the networks of profile {route.Profile} are others"));
            }

            if (route.IsAnonymous)
            {
                return await AnswerAnonymousAsync(route, coap, request, note, cancellation);
            }

            var sender = await identification.IdentifyAsync(route, request, coap.Payload, cancellation);
            note.Device = sender.Device;
            if (sender.FaultyScript is { } faulty)
            {
                // What is kept may be read again one day, and nobody would ask for its token then.
                return proof.AsksForToken(route.Profile)
                    ? refusals.RefuseUnproven(route, request, note, new ProofFailure(UplinkFailure.ProofUnreadable, sender.Problem!))
                    : await KeepUnidentifiedAsync(route, coap, request, note, faulty, sender.Problem!, cancellation);
            }

            if (sender.Device.IsNone)
            {
                var isUnregistered = route.Identity.Any(rule => rule.Kind is IdentityKind.Address);
                return refusals.Refuse(route, request, note, isUnregistered ? UplinkFailure.NotRegistered : UplinkFailure.NotIdentified, sender.Problem!);
            }

            var known = await directory.FindAsync(sender.Device, cancellation);
            if (await proof.CheckAsync(route, coap, request, sender.Device, known, cancellation) is { } unproven)
            {
                await proof.PaceAsync(note.ArrivedAt, cancellation);
                return refusals.RefuseUnproven(route, request, note, unproven);
            }

            note.IsProven = true;
            var admission = known is null ? await directory.AdmitAsync(sender.Device, route.Profile, cancellation) : Admission.Of(known);
            return admission.Outcome switch
            {
                AdmissionOutcome.Active => await TakeAsync(route, coap, request, note, admission.Device!, cancellation),
                AdmissionOutcome.Held => await HoldAsync(route, coap, request, note, cancellation),
                AdmissionOutcome.NoRoom => refusals.Refuse(route, request, note, UplinkFailure.NoRoomToHold, "too many unknown devices wait for approval"),
                _ => refusals.Refuse(route, request, note, UplinkFailure.UnknownDevice, "this device is not registered here"),
            };
        }
        catch (Exception e) when (e is ScriptNotReadyException or ProfileGoneException)
        {
            return await PostponeAsync(route, coap, request, note, e, cancellation);
        }
    }

    private async ValueTask<CoapResponse> TakeAsync(
        DeviceRoute route, CoapRequest coap, UplinkRequest request, UplinkNote note, Device device, CancellationToken cancellation)
    {
        var lookup = await scripts.OfDeviceAsync(device, cancellation);
        var frame = reader.Read(lookup, coap, request);
        var refusal = RefusalOf(route, frame.Outcome);
        var takesNoCommand = refusal is not null || route.Registration is not RegistrationStep.None;
        using var exchange = await BeginExchangeAsync(device.Id, lookup.Registration, coap, request, note, takesNoCommand, cancellation);
        await KeepAsync(frame, route, coap, request, note, exchange, cancellation);
        push.Heard(device.Id, coap.Link);
        if (refusal is { } failure)
        {
            // What a script's fault is, is none of the device's business.
            return refusals.Refuse(route, request, note, failure, frame.Outcome is FrameOutcome.InvalidPayload ? frame.Error! : "the frame is kept, and could not be read");
        }

        if (route.Registration is not RegistrationStep.None)
        {
            return await registrar.AnswerAsync(route, coap, request, device.Id, cancellation);
        }

        return exchange?.Payload is { } command
            ? new CoapResponse(Responder.SuccessOf(coap.Method)) { Payload = command, ContentFormat = ContentFormat.OctetStream, KeepsToAllowance = true }
            : responder.Respond(lookup.Registration, device.Id, coap, request) ?? new CoapResponse(Responder.SuccessOf(coap.Method));
    }

    private async ValueTask<CoapResponse> HoldAsync(DeviceRoute route, CoapRequest coap, UplinkRequest request, UplinkNote note, CancellationToken cancellation)
    {
        const string problem = "the device waits for approval";
        note.Verdict = commands.HasAny(note.Device) ? CommandVerdict.DeviceHeld : CommandVerdict.NoneWaiting;
        await KeepAsync(Frame.NotParsed(FrameOutcome.Held, problem), route, coap, request, note, null, cancellation);
        return RefusalOf(route, FrameOutcome.Held) is { } failure ? refusals.Refuse(route, request, note, failure, problem) : new CoapResponse(Responder.SuccessOf(coap.Method));
    }

    // The script that should have said who it is is broken; with the mended one the frame can be read again.
    private async ValueTask<CoapResponse> KeepUnidentifiedAsync(
        DeviceRoute route, CoapRequest coap, UplinkRequest request, UplinkNote note, CatalogScript faulty, string problem, CancellationToken cancellation)
    {
        var frame = Frame.Unidentified(faulty, problem);
        await KeepAsync(frame, route, coap, request, note, null, cancellation);
        return RefusalOf(route, frame.Outcome) is { } failure
            ? refusals.Refuse(route, request, note, failure, "the frame is kept, and could not be read")
            : new CoapResponse(Responder.SuccessOf(coap.Method));
    }

    // A device that waits for the answer sends the frame again. One that does not would lose it: its frame is kept, to be read later.
    private async ValueTask<CoapResponse> PostponeAsync(
        DeviceRoute route, CoapRequest coap, UplinkRequest request, UplinkNote note, Exception notReady, CancellationToken cancellation)
    {
        note.Verdict = commands.HasAny(note.Device) ? CommandVerdict.NoScript : CommandVerdict.NoneWaiting;
        if (coap.Confirmable || route.IsAnonymous || (proof.AsksForToken(route.Profile) && !note.IsProven))
        {
            return refusals.Refuse(route, request, note, UplinkFailure.ScriptNotReady, notReady.Message);
        }

        await KeepAsync(Frame.NotParsed(FrameOutcome.ScriptUnavailable, notReady.Message), route, coap, request, note, null, cancellation);
        return new CoapResponse(Responder.SuccessOf(coap.Method));
    }

    private async ValueTask<CoapResponse> AnswerAnonymousAsync(
        DeviceRoute route, CoapRequest coap, UplinkRequest request, UplinkNote note, CancellationToken cancellation)
    {
        var registration = await scripts.OfAnybodyAsync(route.Profile, cancellation);
        return responder.Respond(registration, DeviceId.None, coap, request) ?? refusals.Refuse(route, request, note, UplinkFailure.NoAnswer, "the gateway has no answer to this");
    }

    // After this the frame is on disk, and with it the steps of the device's commands: only now may the device be told so.
    private async ValueTask KeepAsync(
        Frame frame, DeviceRoute route, CoapRequest coap, UplinkRequest request, UplinkNote note, CommandExchange? exchange, CancellationToken cancellation)
    {
        var record = frame.ToRecord(route, coap, request, note.Device);
        if (exchange is not null)
        {
            await KeepWithStepsAsync(record, exchange, cancellation);
        }
        else
        {
            await journal.AppendAsync(record, cancellation).AsTask().WaitAsync(LongestCommit, time, cancellation);
        }

        note.Frame = frame;
        metrics.Kept(route.Profile, frame.Outcome, frame.ReadingCount);
        if (frame is { Outcome: FrameOutcome.ScriptFailed or FrameOutcome.ScriptUnavailable, ScriptRef.Length: > 0 })
        {
            failures.Report(request.RequestId, frame.ScriptRef, note.Device, frame.Error!);
        }
        else
        {
            log.Kept(request.RequestId, request.Method, request.Path, request.Peer, note.Device, frame.Outcome, frame.ReadingCount);
        }
    }

    // One group, one sync. The append is not cancelled: what a step has become must be known even if the device no longer waits.
    private async ValueTask KeepWithStepsAsync(JournalRecord frame, CommandExchange exchange, CancellationToken cancellation)
    {
        var written = journal.AppendAsync([frame, .. exchange.Records], CancellationToken.None).AsTask();
        try
        {
            commands.Took(exchange, await written.WaitAsync(LongestCommit, time, cancellation) + 1);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            commands.SettleLater(exchange, written, before: 1);
            throw;
        }
    }

    private UplinkFailure? RefusalOf(DeviceRoute route, FrameOutcome outcome) =>
        profiles.Find(route.Profile) is { } profile ? UplinkFailures.RefusalOf(outcome, profile) : null;

    // Whatever goes wrong with commands, the frame is kept and its answer stays a success.
    private async ValueTask<CommandExchange?> BeginExchangeAsync(
        DeviceId device, Registration? registration, CoapRequest coap, UplinkRequest request, UplinkNote note, bool takesNoCommand, CancellationToken cancellation)
    {
        if (!commands.HasAny(device))
        {
            return null;
        }

        try
        {
            // Nobody waits for the answer to a NON, unless the profile says so, and an error's answer is no place for a command.
            var listens = coap.Confirmable || profiles.Find(registration?.Config.Profile ?? "")?.CommandsOnNon is true;
            var obstacle = !listens ? CommandVerdict.NotConfirmable
                : takesNoCommand ? CommandVerdict.Refused
                : AnswerRoom.IsWanted(coap) ? CommandVerdict.NoneWaiting
                : CommandVerdict.AnswerNotWanted;
            var room = AnswerRoom.Of(coap, coapSettings);
            var message = new CommandMessage(registration, coap.Payload, request with { AnswerRoom = room.Now }, obstacle is CommandVerdict.NoneWaiting)
            {
                Digest = coap.Digest(),
                MostRoom = room.Most,
            };
            (var exchange, note.Verdict) = await commands.BeginAsync(device, message, cancellation);
            note.Verdict = message.Carries ? note.Verdict : obstacle;
            if (exchange?.Payload is { } payload)
            {
                note.Carried = exchange.Sent;
                log.CommandGoesOut(request.RequestId, note.Carried, device, payload.Length);
            }

            return exchange;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            note.Verdict = CommandVerdict.Unavailable;
            log.CommandsUnavailable(request.RequestId, device, e);
            return null;
        }
    }
}
