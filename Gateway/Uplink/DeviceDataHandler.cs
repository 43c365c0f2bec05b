using Gateway.Coap;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Journal;
using Gateway.Routing;
using Gateway.Scripting.Contract;

namespace Gateway.Uplink;

/// <summary>
/// The conductor: takes a device's request, turns its payload into readings, makes them durable, and answers, with the next command if one
/// is waiting. <see cref="HandleAsync"/> and <see cref="DecideAsync"/> are a frame's whole way.
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
    DeviceTraces traces,
    ExchangeTraces spans,
    ILogger<DeviceDataHandler> log)
{
    private const string WaitsForApproval = "the device waits for approval";
    private const string KeptUnread = "the frame is kept, and could not be read";

    // From the commit on this runs on the journal's own thread, which has the next group to write: no script, and nothing to wait for.
    public async ValueTask<CoapResponse> HandleAsync(DeviceRoute route, CoapRequest coap, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var request = UplinkRequests.Of(route, coap);
        using var span = spans.Begin(coap.ReceivedAt);
        var note = new UplinkNote { ArrivedAt = started, Span = span };
        CoapResponse answer;
        try
        {
            var decision = await DecideAsync(route, coap, request, note, cancellation);
            using var exchange = decision.Exchange;
            if (decision.Frame is { } frame)
            {
                // After this the frame is on disk, and with it the steps of the device's commands: only now may the device be told so.
                var record = frame.ToRecord(route, coap, request, note.Device);
                using (ExchangeTraces.Step(span, "commit"))
                {
                    var kept = exchange is null ? journal.AppendFrameAsync([record]) : KeepWithStepsAsync(record, exchange);
                    frame.Release();
                    spans.Kept(span, await kept);
                }

                NoteKept(frame, route, request, note);
                if (decision.IsFromActive)
                {
                    push.Heard(note.Device, coap.Link);
                }
                else if (frame.Outcome is FrameOutcome.Held)
                {
                    await directory.HeldFrameIsKeptAsync(note.Device, coap.ReceivedAt, cancellation);
                }
            }

            using var step = ExchangeTraces.Step(span, "answer");
            answer = decision.Unproven is { } unproven ? refusals.RefuseUnproven(route, request, note, unproven)
                : decision.Refusal is { } failure ? refusals.Refuse(route, request, note, failure, decision.Problem!)
                : decision.Registers ? await registrar.AnswerAsync(route, coap, request, note.Device, cancellation)
                : decision.Answer;
        }
        catch (Exception e) when (e is JournalUnavailableException or StoreUnavailableException)
        {
            failures.ReportNotDurable(request.RequestId, request.Peer, e);
            (note.Verdict, note.Carried) = (note.Verdict is CommandVerdict.NoneWaiting ? CommandVerdict.NoneWaiting : CommandVerdict.Unavailable, null);
            answer = refusals.Refuse(route, request, note, UplinkFailure.NotDurable, "the frame cannot be kept now; send it again");
        }

        exchanges.Note(note.ToExchange(route, coap, request, answer, time.GetElapsedTime(started)), note.Frame?.NextTransmissionAt);
        traces.Exchanged(note.Device, request.RequestId, coap, answer);
        note.DescribeSpan(route, coap, request, answer);
        return answer;
    }

    private async ValueTask<UplinkDecision> DecideAsync(
        DeviceRoute route, CoapRequest coap, UplinkRequest request, UplinkNote note, CancellationToken cancellation)
    {
        try
        {
            if (!proof.TakesPeer(route.Profile, coap.Peer))
            {
                return UplinkDecision.Refuse(new ProofFailure(UplinkFailure.PeerNotAllowed, $"the networks of profile {route.Profile} are others"));
            }

            if (route.IsAnonymous)
            {
                return await AnswerAnonymousAsync(route, coap, request, cancellation);
            }

            var sender = await identification.IdentifyAsync(route, request, coap.Payload, coap.Identity?.Owner, cancellation);
            note.Device = sender.Device;
            if (sender.FaultyScript is { } faulty)
            {
                // The script that should have said who it is is broken; with the mended one the frame can be read again. But what is kept may
                // be read again one day, and nobody would ask for its token then.
                return proof.AsksForToken(route.Profile)
                    ? UplinkDecision.Refuse(new ProofFailure(UplinkFailure.ProofUnreadable, sender.Problem!))
                    : Keep(Frame.Unidentified(faulty, sender.Problem!), route, coap, KeptUnread);
            }

            if (sender.Device.IsNone)
            {
                var isUnregistered = route.Identity.Any(rule => rule.Kind is IdentityKind.Address);
                return UplinkDecision.Refuse(isUnregistered ? UplinkFailure.NotRegistered : UplinkFailure.NotIdentified, sender.Problem!);
            }

            // From here on by the directory's own text of it, which is there anyway: what a frame leaves in memory then is nothing new.
            var known = await directory.FindAsync(sender.Device, cancellation);
            note.Device = known?.Id ?? sender.Device;
            if (await proof.CheckAsync(route, coap, request, note.Device, known, cancellation) is { } unproven)
            {
                await proof.PaceAsync(note.ArrivedAt, cancellation);
                return UplinkDecision.Refuse(unproven);
            }

            note.IsProven = true;
            var admission = known is null ? await directory.AdmitAsync(note.Device, route.Profile, cancellation) : directory.Admit(known);
            return admission.Outcome switch
            {
                AdmissionOutcome.Active => await TakeAsync(route, coap, request, note, admission.Device!, cancellation),
                AdmissionOutcome.Held => Hold(route, coap, note),
                AdmissionOutcome.NoRoom => UplinkDecision.Refuse(UplinkFailure.NoRoomToHold, "too many unknown devices wait for approval"),
                _ => UplinkDecision.Refuse(UplinkFailure.UnknownDevice, "this device is not registered here"),
            };
        }
        catch (Exception e) when (e is ScriptNotReadyException or ProfileGoneException)
        {
            return Postpone(route, coap, note, e);
        }
    }

    private async ValueTask<UplinkDecision> TakeAsync(
        DeviceRoute route, CoapRequest coap, UplinkRequest request, UplinkNote note, Device device, CancellationToken cancellation)
    {
        var lookup = await scripts.OfDeviceAsync(device, cancellation);
        Frame frame;
        using (ExchangeTraces.Step(note.Span, "parse"))
        {
            frame = reader.Read(lookup, coap, request);
        }

        // What is a script's fault is none of the device's business.
        var decision = Keep(frame, route, coap, frame.Outcome is FrameOutcome.InvalidPayload ? frame.Error! : KeptUnread) with { IsFromActive = true };
        if (commands.HasAny(device.Id))
        {
            var takesNoCommand = decision.Refusal is not null || route.Registration is not RegistrationStep.None;
            var exchange = await BeginExchangeAsync(device.Id, lookup.Registration, coap, request, note, takesNoCommand, cancellation);
            decision = decision with { Exchange = exchange };
        }

        return decision switch
        {
            { Refusal: not null } => decision,
            _ when route.Registration is not RegistrationStep.None => decision with { Registers = true },
            { Exchange.Payload: { } command } => decision with { Answer = Success(coap) with { Payload = command, ContentFormat = ContentFormat.OctetStream, KeepsToAllowance = true } },
            _ => responder.Respond(lookup.Registration, device.Id, coap, request) is { } answer ? decision with { Answer = answer } : decision,
        };
    }

    private UplinkDecision Hold(DeviceRoute route, CoapRequest coap, UplinkNote note)
    {
        note.Verdict = commands.HasAny(note.Device) ? CommandVerdict.DeviceHeld : CommandVerdict.NoneWaiting;
        return Keep(Frame.NotParsed(FrameOutcome.Held, WaitsForApproval), route, coap, WaitsForApproval);
    }

    // A device that waits for the answer sends the frame again. One that does not would lose it: its frame is kept, to be read later.
    private UplinkDecision Postpone(DeviceRoute route, CoapRequest coap, UplinkNote note, Exception notReady)
    {
        note.Verdict = commands.HasAny(note.Device) ? CommandVerdict.NoScript : CommandVerdict.NoneWaiting;
        return coap.Confirmable || route.IsAnonymous || (proof.AsksForToken(route.Profile) && !note.IsProven)
            ? UplinkDecision.Refuse(UplinkFailure.ScriptNotReady, notReady.Message)
            : UplinkDecision.Keep(Frame.NotParsed(FrameOutcome.ScriptUnavailable, notReady.Message), Success(coap));
    }

    private async ValueTask<UplinkDecision> AnswerAnonymousAsync(DeviceRoute route, CoapRequest coap, UplinkRequest request, CancellationToken cancellation)
    {
        var registration = await scripts.OfAnybodyAsync(route.Profile, cancellation);
        return responder.Respond(registration, DeviceId.None, coap, request) is { } answer
            ? UplinkDecision.Say(answer)
            : UplinkDecision.Refuse(UplinkFailure.NoAnswer, "the gateway has no answer to this");
    }

    // As the profile says, the device is told that all is well, or not.
    private UplinkDecision Keep(Frame frame, DeviceRoute route, CoapRequest coap, string problem) =>
        UplinkDecision.Keep(frame, Success(coap)) with { Refusal = RefusalOf(route, frame.Outcome), Problem = problem };

    private void NoteKept(Frame frame, DeviceRoute route, UplinkRequest request, UplinkNote note)
    {
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

    // One group, one sync. Whoever gives up waiting must know what the steps have become all the same.
    private async ValueTask<long> KeepWithStepsAsync(JournalRecord frame, CommandExchange exchange)
    {
        try
        {
            var sequence = await journal.AppendFrameAsync([frame, .. exchange.Records]).ConfigureAwait(false);
            commands.Took(exchange, sequence + 1);
            return sequence;
        }
        catch (JournalUnavailableException e) when (e.Settled is { } settled)
        {
            commands.SettleLater(exchange, settled(), before: 1);
            throw;
        }
    }

    private static CoapResponse Success(CoapRequest coap) => Responder.PlainSuccess(coap.Method);

    private UplinkFailure? RefusalOf(DeviceRoute route, FrameOutcome outcome) =>
        profiles.Find(route.Profile) is { } profile ? UplinkFailures.RefusalOf(outcome, profile) : null;

    // Whatever goes wrong with commands, the frame is kept and its answer stays a success.
    private async ValueTask<CommandExchange?> BeginExchangeAsync(
        DeviceId device, Registration? registration, CoapRequest coap, UplinkRequest request, UplinkNote note, bool takesNoCommand, CancellationToken cancellation)
    {
        try
        {
            // Nobody waits for the answer to a NON, unless the profile says so, and an error's answer is no place for a command.
            var listens = coap.Confirmable || profiles.Find(registration?.Config.Profile ?? "")?.CommandsOnNon is true;
            var obstacle = !listens ? CommandVerdict.NotConfirmable
                : takesNoCommand ? CommandVerdict.Refused
                : AnswerRoom.IsWanted(coap, time.GetUtcNow()) ? CommandVerdict.NoneWaiting
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
