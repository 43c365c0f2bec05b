using Gateway.Coap;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Journal;
using Gateway.Routing;
using Gateway.Scripting.Contract;

namespace Gateway.Uplink;

/// <summary>
/// Gives a device that asks for it the next command, and has it told of further ones if it observes them (RFC 7641). Its request is one
/// of its messages like all others, but for its payload, which is empty, and is not kept.
/// </summary>
internal sealed class CommandPollHandler(
    Identification identification,
    FrameProof proof,
    DeviceDirectory directory,
    ProfileCatalog profiles,
    ReadyScripts scripts,
    CommandDelivery commands,
    CommandPush push,
    CoapSettings coapSettings,
    IJournal journal,
    Refusals refusals,
    FailureLog failures,
    RecentExchanges exchanges,
    DeviceTraces traces,
    TimeProvider time,
    ILogger<CommandPollHandler> log)
{
    private static readonly TimeSpan LongestCommit = TimeSpan.FromSeconds(10);

    public async ValueTask<CoapResponse> HandleAsync(DeviceRoute route, CoapRequest coap, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var request = UplinkRequests.Of(route, coap);
        var note = new UplinkNote { ArrivedAt = started };
        var answer = await TryAnswerAsync(route, coap, request, note, cancellation);
        exchanges.Note(note.ToExchange(route, coap, request, answer, time.GetElapsedTime(started)));
        traces.Exchanged(note.Device, request.RequestId, coap, answer);
        return answer;
    }

    private async ValueTask<CoapResponse> TryAnswerAsync(DeviceRoute route, CoapRequest coap, UplinkRequest request, UplinkNote note, CancellationToken cancellation)
    {
        try
        {
            return await AnswerAsync(route, coap, request, note, cancellation);
        }
        catch (ScriptNotReadyException e)
        {
            return refusals.Refuse(route, request, note, UplinkFailure.ScriptNotReady, e.Message);
        }
        catch (Exception e) when (e is JournalUnavailableException or StoreUnavailableException or TimeoutException)
        {
            failures.ReportNotDurable(request.RequestId, request.Peer, e);
            (note.Verdict, note.Carried) = (CommandVerdict.Unavailable, null);
            return refusals.Refuse(route, request, note, UplinkFailure.NotDurable, "the command can't be given now; ask again");
        }
    }

    private async ValueTask<CoapResponse> AnswerAsync(DeviceRoute route, CoapRequest coap, UplinkRequest request, UplinkNote note, CancellationToken cancellation)
    {
        if (!proof.TakesPeer(route.Profile, coap.Peer))
        {
            return refusals.RefuseUnproven(route, request, note, new ProofFailure(UplinkFailure.PeerNotAllowed, $"the networks of profile {route.Profile} are others"));
        }

        var sender = await identification.IdentifyAsync(route, request, coap.Payload, coap.Identity?.Owner, cancellation);
        note.Device = sender.Device;
        if (sender.FaultyScript is not null)
        {
            return refusals.Refuse(route, request, note, UplinkFailure.ScriptFault, "the gateway can't tell who this is now");
        }

        if (sender.Device.IsNone)
        {
            var isUnregistered = route.Identity.Any(rule => rule.Kind is IdentityKind.Address);
            return refusals.Refuse(route, request, note, isUnregistered ? UplinkFailure.NotRegistered : UplinkFailure.NotIdentified, sender.Problem!);
        }

        var known = await directory.FindAsync(sender.Device, cancellation);
        note.Device = known?.Id ?? sender.Device;
        if (await proof.CheckAsync(route, coap, request, note.Device, known, cancellation) is { } unproven)
        {
            await proof.PaceAsync(note.ArrivedAt, cancellation);
            return refusals.RefuseUnproven(route, request, note, unproven);
        }

        note.IsProven = true;
        var admission = known is null ? await directory.AdmitAsync(note.Device, route.Profile, cancellation) : directory.Admit(known);
        return admission.Outcome switch
        {
            AdmissionOutcome.Active => await GiveAsync(coap, request, note, admission.Device!, cancellation),
            AdmissionOutcome.Held => Held(route, request, note),
            AdmissionOutcome.NoRoom => refusals.Refuse(route, request, note, UplinkFailure.NoRoomToHold, "too many unknown devices wait for approval"),
            _ => refusals.Refuse(route, request, note, UplinkFailure.UnknownDevice, "this device is not registered here"),
        };
    }

    private CoapResponse Held(DeviceRoute route, UplinkRequest request, UplinkNote note)
    {
        note.Verdict = commands.HasAny(note.Device) ? CommandVerdict.DeviceHeld : CommandVerdict.NoneWaiting;
        return profiles.Find(route.Profile) is { } profile && UplinkFailures.RefusalOf(FrameOutcome.Held, profile) is { } failure
            ? refusals.Refuse(route, request, note, failure, "the device waits for approval")
            : Give(default, 0);
    }

    private async ValueTask<CoapResponse> GiveAsync(CoapRequest coap, UplinkRequest request, UplinkNote note, Device device, CancellationToken cancellation)
    {
        var payload = commands.HasAny(device.Id) ? await TakeAsync(coap, request, note, device, cancellation) : null;
        push.Heard(device.Id, coap.Link);
        if (coap.Observer is { } observer)
        {
            push.Observe(device.Id, observer, request);
        }

        // A command is not for a cache: only what is observed is good for a while, until something else is said.
        return Give(payload ?? default, coap.Observer is null ? 0 : push.MaxAge);
    }

    private async ValueTask<ReadOnlyMemory<byte>?> TakeAsync(CoapRequest coap, UplinkRequest request, UplinkNote note, Device device, CancellationToken cancellation)
    {
        var lookup = await scripts.OfDeviceAsync(device, cancellation);
        var room = AnswerRoom.Of(coap, coapSettings);
        var listens = coap.Confirmable || profiles.Find(lookup.Registration?.Config.Profile ?? "")?.CommandsOnNon is true;
        var obstacle = !listens ? CommandVerdict.NotConfirmable : AnswerRoom.IsWanted(coap, time.GetUtcNow()) ? CommandVerdict.NoneWaiting : CommandVerdict.AnswerNotWanted;
        var message = new CommandMessage(lookup.Registration, coap.Payload, request with { AnswerRoom = room.Now }, obstacle is CommandVerdict.NoneWaiting)
        {
            Occasion = CommandOccasion.Poll,
            Digest = coap.Digest(),
            MostRoom = room.Most,
        };
        var (begun, verdict) = await commands.BeginAsync(device.Id, message, cancellation);
        using var exchange = begun;
        note.Verdict = message.Carries ? verdict : obstacle;
        if (exchange is null)
        {
            return null;
        }

        await commands.KeepAsync(exchange, journal, LongestCommit, cancellation);
        if (exchange.Payload is { } payload)
        {
            note.Carried = exchange.Sent;
            log.CommandGoesOut(request.RequestId, note.Carried, device.Id, payload.Length);
        }

        return exchange.Payload;
    }

    // All answers have one Content-Format, as observing asks for (RFC 7641 §4.2): an empty one says that nothing waits.
    private static CoapResponse Give(ReadOnlyMemory<byte> payload, uint? maxAge) =>
        new(CoapCode.Content) { Payload = payload, ContentFormat = ContentFormat.OctetStream, MaxAge = maxAge, KeepsToAllowance = true };
}
