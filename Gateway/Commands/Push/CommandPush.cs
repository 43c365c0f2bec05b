using Gateway.Coap;
using Gateway.Devices;
using Gateway.Journal;
using Gateway.Scripting.Contract;

namespace Gateway.Commands;

/// <summary>
/// Commands for devices that can be reached at any time: a notification to one that observes its commands, a request to one that has a CoAP
/// server of its own. What the device acknowledges is delivered, and then the next one goes out.
/// </summary>
//
//   a command waits, a device observes or speaks, a pause is over
//        │
//        ▼                         on disk          by the way it can be reached
//   the device's turn ──► plan ──► sent ──┬──────► notification, CON ──► ACK, RST, time-out ──┐
//        ▲                                └──────► request, CON or NON ──► answer, time-out ──┤
//        │                                                                                    ▼
//        └────────── the next one ◄────────────── the device's turn ◄── delivered, rejected, or queued again
//
internal sealed class CommandPush(
    CommandIndex index,
    CommandLedger ledger,
    DeviceTurns turns,
    CommandScripts scripts,
    CommandRegistry registry,
    DeviceDirectory devices,
    ProfileCatalog profiles,
    DeviceAddresses addresses,
    CommandListeners listeners,
    PushesUnderWay underWay,
    PushQueue queue,
    CommandSettings settings,
    CoapSettings coapSettings,
    TimeProvider time,
    CommandMetrics metrics,
    DeviceTraces traces,
    ILogger<CommandPush> log) : BackgroundService
{
    // Each waits for a commit most of the time; commits are shared.
    private const int Workers = 16;

    private static readonly TimeSpan PauseWhenFull = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    // An answer to a NON comes soon or never.
    private static readonly TimeSpan PatienceWithNon = TimeSpan.FromSeconds(10);

    private volatile CommandSettings _settings = settings;

    /// <summary>From now on these settings hold.</summary>
    public void Use(CommandSettings settings) => _settings = settings;

    /// <summary>Max-Age of what an observer is told; null where it is what RFC 7252 says anyway.</summary>
    public uint? MaxAge => _settings.ObserveMaxAgeSeconds is var seconds && seconds == 60 ? null : (uint)seconds;

    /// <summary>A frame has come from a device that was let in: from now on that is its address.</summary>
    public void Heard(DeviceId device, PeerLink? link)
    {
        if (link is not { } way)
        {
            return;
        }

        addresses.Learn(device, way);
        if (index.HasAny(device) && index.HasRequests(device))
        {
            listeners.Heard(device);
            queue.Now(device);
        }
    }

    /// <summary>A device observes its commands from now on.</summary>
    /// <param name="device">The device.</param>
    /// <param name="observer">Through what it is told.</param>
    /// <param name="request">The request with which it began.</param>
    public void Observe(DeviceId device, Observer observer, UplinkRequest request)
    {
        observer.Ready = isDue => queue.Now(device, isDue);
        listeners.Add(device, observer, request);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.ObservePushes(() => underWay.Count, () => listeners.Observing);
        Listen();
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => WorkAsync(stoppingToken)));
    }

    /// <summary>From now on it is told of each command that waits.</summary>
    public void Listen() => ledger.Waits += OnWaits;

    // For most devices there is nothing to do: they have to speak first.
    private void OnWaits(QueuedCommand command)
    {
        if (command.Path is null ? listeners.ObserverOf(command.Device) is not null : addresses.Find(command.Device) is not null)
        {
            queue.Now(command.Device);
        }
    }

    private async Task WorkAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await queue.AnyAsync(cancellation);
            while (queue.TryTake(out var work))
            {
                await TryAsync(work, cancellation);
            }
        }
    }

    private async Task TryAsync(PushWork work, CancellationToken cancellation)
    {
        try
        {
            await DoAsync(work, cancellation);
        }
        catch (JournalUnavailableException)
        {
            // The journal tells of it. What is known of a push is not forgotten over it.
            queue.Later(work, time.GetUtcNow() + PauseAfterFailure);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.PushFailed(work.Device, e);
            queue.Later(work, time.GetUtcNow() + PauseAfterFailure);
        }
    }

    /// <summary>Looks after a device, or settles what has become of a push.</summary>
    public async Task DoAsync(PushWork work, CancellationToken cancellation)
    {
        if (work is { Push: { } ended, End: { } end })
        {
            await SettleAsync(ended, end, cancellation);
            queue.Now(work.Device);
        }
        else if (underWay.Count >= _settings.MaxPushed)
        {
            queue.Later(work.Device, time.GetUtcNow() + PauseWhenFull);
        }
        else if (await PrepareAsync(work.Device, work.IsDue, cancellation) is { } push)
        {
            Launch(push);
        }
    }

    // What goes out next, which is on disk and counts as under way when this completes; null for nothing.
    private async Task<Push?> PrepareAsync(DeviceId id, bool isDue, CancellationToken cancellation)
    {
        using var turn = await turns.TakeAsync(id, cancellation);
        if (underWay.Find(id) is not null)
        {
            // Its end comes back here.
            return null;
        }

        var now = Clock.Now(time);
        var lane = index.Of(id, DeliveryPlan.MaxSeen, now);
        var ways = WaysTo(id, now);
        var push = lane is { Sent.Count: 0, Waiting.Count: 0 } || !ways.Any ? null : await PlanAsync(id, lane, ways, now, cancellation);
        if (push is null && isDue && ways.Listener is { } listener)
        {
            push = new Push(id, now, [], default) { Observer = listener.Observer };
        }

        if (push is not null)
        {
            underWay.Add(push);
        }
        else if (NextLook(id, ways, now) is { } at)
        {
            queue.Later(id, at);
        }

        return push;
    }

    private Ways WaysTo(DeviceId id, DateTimeOffset now)
    {
        var (requestsAt, notifiesAt) = (listeners.PausedUntil(id, isRequest: true, now), listeners.PausedUntil(id, isRequest: false, now));
        return new Ways(notifiesAt is null ? listeners.ObserverOf(id) : null, requestsAt is null ? listeners.AddressOf(id) : null, requestsAt ?? notifiesAt);
    }

    // A command may have its time still to come, or its device a pause.
    private DateTimeOffset? NextLook(DeviceId id, Ways ways, DateTimeOffset now)
    {
        if (!index.HasAny(id))
        {
            listeners.EndPause(id);
            return null;
        }

        var start = ways.Any ? index.NextStart(id, now) : null;
        return start is null || ways.PausedUntil < start ? ways.PausedUntil ?? start : start;
    }

    private async Task<Push?> PlanAsync(DeviceId id, LaneView lane, Ways ways, DateTimeOffset now, CancellationToken cancellation)
    {
        if (await devices.FindAsync(id, cancellation) is not { State: DeviceState.Active } device
            || (await registry.FindAsync(device, cancellation)).Registration is not { } registration)
        {
            return null;
        }

        var message = CommandMessage.Pushed(registration, RequestFor(ways, now), notifies: ways.Listener is not null, requests: ways.Address is not null);
        var plan = new DeliveryPlan(message, lane, scripts, command => profiles.ConfirmTimeoutOf(command.Profile), now);
        await plan.MakeAsync(cancellation);
        if (plan.Steps.Count == 0)
        {
            return null;
        }

        // What nobody will acknowledge has happened in an exchange; what is to be acknowledged has not, and after a crash it goes again.
        var exchange = plan.Request is { Confirmable: false } ? message.Request.RequestId : "";
        var taken = await ledger.AppendAsync(plan.Steps, exchange);
        if (plan.Payload is not { } payload)
        {
            return null;
        }

        QueuedCommand[] sent = [.. taken.Where(command => command.State is CommandState.Sent)];
        foreach (var command in sent)
        {
            metrics.Sent(command);
        }

        return new Push(id, now, sent, payload)
        {
            Request = plan.Request,
            Link = plan.Request is null ? null : ways.Address,
            Observer = plan.Request is null ? ways.Listener!.Observer : null,
        };
    }

    // A notification answers the request that began the observation; to a request of ours there is none.
    private UplinkRequest RequestFor(Ways ways, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now).ToString("N");
        return ways.Listener is { } listener
            ? listener.Request with { RequestId = id, ReceivedAt = now, AnswerRoom = 16 << BlockOption.ExponentFor(coapSettings.BlockSize) }
            : new UplinkRequest { RequestId = id, Method = "", Path = "", ReceivedAt = now, Peer = ways.Address?.Peer.ToString() ?? "" };
    }

    private void Launch(Push push)
    {
        traces.Pushed(push.Device, push.Kind, push.Payload);
        if (push.Request is { } request)
        {
            log.RequestGoesOut(push.Device, request.Method, request.Target, push.Link!.Value.Peer, push.Payload.Length);

            // Nobody awaits the task: it ends in the queue, whatever happens.
            _ = RequestAsync(push, request, push.Link!.Value);
            return;
        }

        var notification = new CoapResponse(CoapCode.Content) { Payload = push.Payload, ContentFormat = ContentFormat.OctetStream, MaxAge = MaxAge };
        if (!push.Observer!.Tell(notification, end => queue.Ended(push, PushEnd.Of(end))))
        {
            queue.Ended(push, PushEnd.Of(TransmissionEnd.Dropped));
        }
    }

    private async Task RequestAsync(Push push, PushRequest request, PeerLink link)
    {
        await Task.Yield();
        using var patience = new CancellationTokenSource(request.Confirmable ? Timeout.InfiniteTimeSpan : PatienceWithNon, time);
        PushEnd end;
        try
        {
            end = PushEnd.Of(await link.SendAsync(request.ToMessage(push.Payload), patience.Token));
        }
        catch (CoapClientException e)
        {
            end = PushEnd.Of(e, request.Confirmable);
        }
        catch (OperationCanceledException)
        {
            end = new PushEnd(PushOutcome.Unknown);
        }
        catch (Exception e)
        {
            log.PushFailed(push.Device, e);
            end = new PushEnd(PushOutcome.Failed, "the request could not be sent; the gateway's log says why");
        }

        queue.Ended(push, end);
    }

    private async Task SettleAsync(Push push, PushEnd end, CancellationToken cancellation)
    {
        traces.PushEnded(push.Device, push.Kind, end.Outcome, end.Answer);
        using var turn = await turns.TakeAsync(push.Device, cancellation);
        var now = Clock.Now(time);
        var steps = await new PushSettlement(push, end, index, scripts, now).MakeAsync(() => RegistrationOfAsync(push.Device, cancellation), cancellation);
        if (end.Outcome is PushOutcome.Failed && (push.Request is not null || push.Observer!.IsListed))
        {
            queue.Later(push.Device, listeners.PauseAfter(push, end, now));
        }
        else
        {
            listeners.EndPause(push.Device);
        }

        if (steps.Count > 0)
        {
            await ledger.AppendAsync(steps);
        }

        underWay.Remove(push);
        metrics.Pushed(push.Kind, end.Outcome);
    }

    private async ValueTask<Registration?> RegistrationOfAsync(DeviceId id, CancellationToken cancellation) =>
        await devices.FindAsync(id, cancellation) is { } device ? (await registry.FindAsync(device, cancellation)).Registration : null;

    /// <summary>How a device can be reached at a moment.</summary>
    /// <param name="Listener">It observes.</param>
    /// <param name="Address">It has spoken from there.</param>
    /// <param name="PausedUntil">When one of the two that is left out now may be there again.</param>
    private readonly record struct Ways(Listener? Listener, PeerLink? Address, DateTimeOffset? PausedUntil)
    {
        public bool Any => Listener is not null || Address is not null;
    }
}
