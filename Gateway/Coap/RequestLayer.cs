using Gateway.Coap.Dtls;

namespace Gateway.Coap;

/// <summary>
/// RFC 7252 §5: from a request to its resource and back. Refuses in the resource's name what it need not see, and turns
/// whatever goes wrong there into an answer. An endpoint has its own; its receiving thread asks, the answer may come on any.
/// </summary>
internal sealed class RequestLayer(
    ICoapSite site, CoapSettings settings, BlockwiseServer blockwise, AmplificationGuard guard, Observers observers, TimeProvider time,
    ILogger log, CancellationToken stopping, DtlsLayer? dtls = null)
{
    // RFC 7252 §5.9.3.4: in how many seconds it is worth another try.
    private const uint PatienceSeconds = 10;

    private static readonly CoapResponse Overloaded = new(CoapCode.ServiceUnavailable) { MaxAge = PatienceSeconds };

    private readonly WellKnownCore _wellKnownCore = new(site);
    private readonly PathCache _paths = new();
    private readonly PeerNames _names = new();

    /// <summary>The answer; null is silence. Does not throw.</summary>
    public ValueTask<CoapResponse?> AnswerAsync(in Peer peer, MessageView message, MessageLayer layer)
    {
        IReadOnlyList<string> path = [];
        var terms = default(AnswerTerms);
        try
        {
            var options = RequestOptions.Read(message);
            terms = new AnswerTerms(message.Token, options.NoResponse, message.Datagram.Length, guard.FreeSizeFor(message.Datagram.Length));
            if (options.Fault is { } malformed)
            {
                return ValueTask.FromResult(Filter(Refuse(message, malformed), terms));
            }

            path = _paths.Decode(options.Path);
            var resource = WellKnownCore.IsAt(path) ? _wellKnownCore : site.Find(path);
            if (options.FindUnknown(resource?.KnownOptions) is { } unknown)
            {
                return ValueTask.FromResult(Filter(Refuse(message, unknown), terms));
            }

            if (Check(resource, message, options) is { } refusal)
            {
                return ValueTask.FromResult(Filter(refusal, terms));
            }

            var request = new RequestView(peer, message, options, path, time, _names)
            {
                Layer = layer,
                Guard = guard,
                Identity = peer.IsSecured ? dtls?.IdentityOf(peer) : null,
            };
            if (!options.Echo.IsEmpty && guard.Verify(peer, options.Echo) && TakeParked(peer, request) is { } parked)
            {
                return ValueTask.FromResult(Filter(parked, terms));
            }

            if (options.Observe is { } action && resource!.Observable && Observation.CanBeOf(message.Code, options.Blocks.Block2))
            {
                return ObserveAsync(peer, resource, request.ToRequest(), options.Blocks, action, terms, layer.Outbox);
            }

            if (!options.Blocks.Any && resource!.AnswerAtOnce(request) is { } answer)
            {
                answer = Possible(peer, message.Code, path, answer);
                return ValueTask.FromResult(terms.HasRoomFor(answer) && !IsLarge(answer)
                    ? Filter(answer, terms)
                    : CutAndGuard(peer, request.ToRequest(), options.Blocks, answer, terms));
            }

            var asked = request.ToRequest();
            return options.Blocks.Any
                ? GuardAsync(peer, asked, options.Blocks, AnswerAsync(peer, resource!, asked, options.Blocks), terms)
                : AskWholeAsync(peer, resource!, asked, terms);
        }
        catch (Exception exception)
        {
            return ValueTask.FromResult(Filter(Failed(peer, message.Code, path, exception), terms));
        }
    }

    // Nearly all requests come this way: whole, to be answered whole. One wait has all that is to be done when the answer is there.
    private ValueTask<CoapResponse?> AskWholeAsync(in Peer peer, CoapResource resource, CoapRequest request, in AnswerTerms terms)
    {
        var answer = resource.AnswerAsync(request, stopping);
        return answer.IsCompletedSuccessfully
            ? ValueTask.FromResult(CutAndGuard(peer, request, default, Possible(peer, request.Method, request.Path, answer.Result), terms))
            : FinishWholeAsync(peer, request, answer, terms);
    }

    private async ValueTask<CoapResponse?> FinishWholeAsync(Peer peer, CoapRequest request, ValueTask<CoapResponse> answer, AnswerTerms terms)
    {
        try
        {
            var given = await answer.ConfigureAwait(false);
            return CutAndGuard(peer, request, default, Possible(peer, request.Method, request.Path, given), terms);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return Filter(Stopping(), terms);
        }
        catch (Exception exception)
        {
            return Filter(Failed(peer, request.Method, request.Path, exception), terms);
        }
    }

    private async ValueTask<CoapResponse?> AnswerAsync(Peer peer, CoapResource resource, CoapRequest request, RequestedBlocks blocks)
    {
        try
        {
            var answer = blocks.Any
                ? await AnswerInBlocksAsync(peer, resource, request, blocks).ConfigureAwait(false)
                : await AskAsync(peer, resource, request).ConfigureAwait(false);
            return IsLarge(answer) ? blockwise.Cut(peer, request, blocks, answer) : answer;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return Stopping();
        }
        catch (Exception exception)
        {
            return Failed(peer, request.Method, request.Path, exception);
        }
    }

    // What is kept has no Observe option: to answer it again is not to observe anew. Notifications are answers to the same request,
    // so No-Response holds for them as well: without those of class 2 there is nothing to observe.
    private ValueTask<CoapResponse?> ObserveAsync(
        Peer peer, CoapResource resource, CoapRequest request, RequestedBlocks blocks, ObserveAction action, in AnswerTerms terms, Outbox outbox)
    {
        // RFC 7641 §7: one small request, and notifications without end, each sent again until it is acknowledged. Who did not ask for
        // them would get five of the first before it is given up.
        if (action == ObserveAction.Register && !guard.Trusts(peer))
        {
            return ValueTask.FromResult(Filter(guard.Challenge(peer), terms));
        }

        var kept = request with { Options = [.. request.Options.Where(option => option.Number != OptionNumber.Observe)] };
        var wanted = terms;
        var observer = resource.TellsObservers && action == ObserveAction.Register ? new Observer(observers) : null;
        var observation = new Observation(
            peer, terms.Token, kept.Path, outbox,
            () => AskAgainAsync(peer, observer is { IsListed: true } ? kept with { Observer = observer } : kept, blocks, wanted))
        {
            Observer = observer,
        };
        observer?.Bind(observation);
        return GuardAsync(peer, request, blocks, observers.AnswerAsync(observation, action), terms);
    }

    // The routes may have changed since the last time. Called from any thread.
    private async ValueTask<CoapResponse?> AskAgainAsync(Peer peer, CoapRequest request, RequestedBlocks blocks, AnswerTerms terms)
    {
        try
        {
            return site.Find(request.Path) is { } resource && resource.Methods.Contains(request.Method)
                ? Filter(await AnswerAsync(peer, resource, request with { ReceivedAt = time.GetUtcNow() }, blocks).ConfigureAwait(false), terms)
                : Filter(NotFound(), terms);
        }
        catch (Exception exception)
        {
            return Filter(Failed(peer, request.Method, request.Path, exception), terms);
        }
    }

    // In a method of its own, so that only a request in blocks pays for what the call captures.
    private ValueTask<CoapResponse> AnswerInBlocksAsync(Peer peer, CoapResource resource, CoapRequest request, RequestedBlocks blocks) =>
        blockwise.AnswerAsync(peer, request, blocks, body => AskAsync(peer, resource, request with { Payload = body }));

    private async ValueTask<CoapResponse> AskAsync(Peer peer, CoapResource resource, CoapRequest request)
    {
        var answer = await resource.AnswerAsync(request, stopping).ConfigureAwait(false);
        return Possible(peer, request.Method, request.Path, answer);
    }

    // RFC 7252 §5.4.1: an unrecognised critical option is answered 4.02 in a CON, and makes a NON be rejected, which is done by silence.
    private static CoapResponse? Refuse(MessageView message, OptionFault fault) =>
        message.Type == MessageType.Confirmable ? CoapResponse.Error(CoapCode.BadOption, fault.ToString()) : null;

    // RFC 7967 §2.1: the client names the classes of answers that it does not want, which spares a sleeping radio.
    private static CoapResponse? Filter(CoapResponse? answer, in AnswerTerms terms)
    {
        if (answer is null || terms.Wants(answer.Code))
        {
            return answer;
        }

        // There is nothing on its way now that could be overtaken.
        answer.Sent?.Invoke();
        return null;
    }

    private CoapResponse? CutAndGuard(
        in Peer peer, CoapRequest request, RequestedBlocks blocks, CoapResponse answer, in AnswerTerms terms) =>
        Guard(peer, request, blocks, IsLarge(answer) ? blockwise.Cut(peer, request, blocks, answer) : answer, terms);

    private ValueTask<CoapResponse?> GuardAsync(
        Peer peer, CoapRequest request, RequestedBlocks blocks, ValueTask<CoapResponse?> answer, in AnswerTerms terms) =>
        answer.IsCompletedSuccessfully
            ? ValueTask.FromResult(Guard(peer, request, blocks, answer.Result, terms))
            : GuardLaterAsync(peer, request, blocks, answer, terms);

    private async ValueTask<CoapResponse?> GuardLaterAsync(
        Peer peer, CoapRequest request, RequestedBlocks blocks, ValueTask<CoapResponse?> answer, AnswerTerms terms) =>
        Guard(peer, request, blocks, await answer.ConfigureAwait(false), terms);

    // RFC 9175 §2.4 item 3: what is large goes only to a peer that has shown that it receives at its address.
    private CoapResponse? Guard(in Peer peer, CoapRequest request, RequestedBlocks blocks, CoapResponse? answer, in AnswerTerms terms)
    {
        answer = Filter(answer, terms);
        if (answer is null || terms.HasRoomFor(answer))
        {
            guard.Answered(peer, terms.Size, answer?.UsualSize ?? 0);
            return answer;
        }

        if (guard.Trusts(peer) || answer.SizeWith(terms.Token) <= terms.FreeSize)
        {
            return answer;
        }

        if (answer.KeepsToAllowance)
        {
            return Count(peer, request, blocks, answer, terms);
        }

        answer.Sent?.Invoke();
        var later = answer with { Sent = null };
        if (terms.Wants(CoapCode.Unauthorized) && (IsAskedAgain(request.Method, blocks.Block2) || guard.TryPark(peer, request, later)))
        {
            return guard.Challenge(peer);
        }

        // It doesn't want to hear of it, or no room is left, and to do again what has been done is no way out. So the answer goes in
        // blocks that are small enough, and each further one has to be asked for.
        log.AnsweredInSmallBlocks(peer, request.Method, string.Join('/', request.Path));
        var cut = blockwise.CutSmall(peer, request, blocks, later);
        return cut.SizeWith(terms.Token) <= terms.FreeSize ? cut : Filter(Overloaded, terms);
    }

    // One that has not the room for a block of the usual size gets small ones, each of which it has to ask for.
    private CoapResponse Count(in Peer peer, CoapRequest request, RequestedBlocks blocks, CoapResponse answer, in AnswerTerms terms)
    {
        var size = answer.SizeWith(terms.Token);
        if (blocks.Any && size > guard.RoomFor(peer, terms.Size))
        {
            return blockwise.CutSmall(peer, request, blocks, answer);
        }

        guard.Spend(peer, terms.Size, size);
        return answer;
    }

    // Without harm, when the request comes with Echo: what only reads, and a further block of what is kept.
    private static bool IsAskedAgain(CoapCode method, BlockOption? block2) =>
        method == CoapCode.Get || method == CoapCode.Fetch || block2 is { Number: > 0 };

    private CoapResponse? TakeParked(in Peer peer, in RequestView request) =>
        IsAskedAgain(request.Method, null) ? null : guard.TakeParked(peer, request.ToRequest());

    private CoapResponse? Check(CoapResource? resource, MessageView message, in RequestOptions options)
    {
        if (options.ForProxy)
        {
            return CoapResponse.Error(CoapCode.ProxyingNotSupported, "this server is no proxy");
        }

        if (resource is null)
        {
            // RFC 7252 §5.8: a method that does not exist is answered 4.05, wherever it is tried.
            return message.Code.Value > CoapCode.IPatch.Value ? MethodNotAllowed(message) : NotFound();
        }

        if (!resource.Methods.Contains(message.Code))
        {
            return MethodNotAllowed(message);
        }

        if (options.Blocks.Block1 is null && message.Payload.Length > settings.MaxPayloadSize)
        {
            return CoapResponse.Error(CoapCode.RequestEntityTooLarge, "the payload is too large") with { Size1 = (uint)settings.MaxPayloadSize };
        }

        if (options.ContentFormat is { } format && !message.Payload.IsEmpty
            && resource.ContentFormats.Count > 0 && !resource.ContentFormats.Contains(format))
        {
            return CoapResponse.Error(CoapCode.UnsupportedContentFormat, $"Content-Format {format} is not taken here");
        }

        if (options.Accept is { } accept && resource.Produces is { } produced && accept != produced)
        {
            return CoapResponse.Error(CoapCode.NotAcceptable, $"only Content-Format {produced} is given here");
        }

        return null;
    }

    private bool IsLarge(CoapResponse answer) => answer.Payload.Length > blockwise.LargestWhole;

    private CoapResponse Possible(in Peer peer, CoapCode method, IReadOnlyList<string> path, CoapResponse answer)
    {
        if (answer.IsPossible)
        {
            return answer;
        }

        log.ImpossibleAnswer(peer, method, string.Join('/', path), answer.Code, answer.Payload.Length);
        return InternalError();
    }

    // The network learns that it failed, never why: that is for the log.
    private CoapResponse Failed(in Peer peer, CoapCode method, IReadOnlyList<string> path, Exception exception)
    {
        log.ResourceFailed(peer, method, string.Join('/', path), exception);
        return InternalError();
    }

    private static CoapResponse MethodNotAllowed(MessageView message) =>
        CoapResponse.Error(CoapCode.MethodNotAllowed, $"{message.Code} is not allowed here");

    private static CoapResponse Stopping() => CoapResponse.Error(CoapCode.ServiceUnavailable, "the server is stopping");

    private static CoapResponse NotFound() => CoapResponse.Error(CoapCode.NotFound, "nothing is here");

    private static CoapResponse InternalError() => CoapResponse.Error(CoapCode.InternalServerError, "the server failed; its log says why");
}
