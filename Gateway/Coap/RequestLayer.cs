namespace Gateway.Coap;

/// <summary>
/// RFC 7252 §5: from a request to its resource and back. Refuses in the resource's name what it need not see, and turns
/// whatever goes wrong there into an answer. An endpoint has its own; its receiving thread asks, the answer may come on any.
/// </summary>
internal sealed class RequestLayer(
    ICoapSite site, CoapSettings settings, BlockwiseServer blockwise, Observers observers, TimeProvider time, ILogger log,
    CancellationToken stopping)
{
    private readonly WellKnownCore _wellKnownCore = new(site);
    private readonly PathCache _paths = new();

    /// <summary>The answer; null is silence. Does not throw.</summary>
    public ValueTask<CoapResponse?> AnswerAsync(in Peer peer, MessageView message, Outbox outbox)
    {
        IReadOnlyList<string> path = [];
        var noResponse = 0u;
        try
        {
            var options = RequestOptions.Read(message);
            noResponse = options.NoResponse;
            if (options.Fault is { } malformed)
            {
                return ValueTask.FromResult(Filter(Refuse(message, malformed), noResponse));
            }

            path = _paths.Decode(options.Path);
            var resource = WellKnownCore.IsAt(path) ? _wellKnownCore : site.Find(path);
            if (options.FindUnknown(resource?.KnownOptions) is { } unknown)
            {
                return ValueTask.FromResult(Filter(Refuse(message, unknown), noResponse));
            }

            if (Check(resource, message, options) is { } refusal)
            {
                return ValueTask.FromResult(Filter(refusal, noResponse));
            }

            var request = new RequestView(peer, message, options, path, time);
            if (options.Observe is { } action && resource!.Observable && Observation.CanBeOf(message.Code, options.Blocks.Block2))
            {
                return ObserveAsync(peer, message.Token, request.ToRequest(), options, action, outbox);
            }

            if (!options.Blocks.Any && resource!.AnswerAtOnce(request) is { } answer)
            {
                answer = Possible(peer, message.Code, path, answer);
                answer = IsLarge(answer) ? blockwise.Cut(peer, request.ToRequest(), options.Blocks, answer) : answer;
                return ValueTask.FromResult(Filter(answer, noResponse));
            }

            return FilterAsync(AnswerAsync(peer, resource!, request.ToRequest(), options.Blocks), noResponse);
        }
        catch (Exception exception)
        {
            return ValueTask.FromResult(Filter(Failed(peer, message.Code, path, exception), noResponse));
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
            return CoapResponse.Error(CoapCode.ServiceUnavailable, "the server is stopping");
        }
        catch (Exception exception)
        {
            return Failed(peer, request.Method, request.Path, exception);
        }
    }

    // What is kept has no Observe option: to answer it again is not to observe anew. Notifications are answers to the same request,
    // so No-Response holds for them as well: without those of class 2 there is nothing to observe.
    private ValueTask<CoapResponse?> ObserveAsync(
        Peer peer, Token token, CoapRequest request, in RequestOptions options, ObserveAction action, Outbox outbox)
    {
        var (blocks, noResponse) = (options.Blocks, options.NoResponse);
        var kept = request with { Options = [.. request.Options.Where(option => option.Number != OptionNumber.Observe)] };
        return observers.AnswerAsync(new Observation(peer, token, kept.Path, outbox, () => FilterAsync(AskAgainAsync(peer, kept, blocks), noResponse)), action);
    }

    // The routes may have changed since the last time. Called from any thread.
    private ValueTask<CoapResponse?> AskAgainAsync(Peer peer, CoapRequest request, RequestedBlocks blocks)
    {
        try
        {
            return site.Find(request.Path) is { } resource && resource.Methods.Contains(request.Method)
                ? AnswerAsync(peer, resource, request with { ReceivedAt = time.GetUtcNow() }, blocks)
                : ValueTask.FromResult<CoapResponse?>(NotFound());
        }
        catch (Exception exception)
        {
            return ValueTask.FromResult<CoapResponse?>(Failed(peer, request.Method, request.Path, exception));
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
    private static CoapResponse? Filter(CoapResponse? answer, uint noResponse)
    {
        if (answer is null || (noResponse & (1u << (answer.Code.Class - 1))) == 0)
        {
            return answer;
        }

        // There is nothing on its way now that could be overtaken.
        answer.Sent?.Invoke();
        return null;
    }

    private static ValueTask<CoapResponse?> FilterAsync(ValueTask<CoapResponse?> answer, uint noResponse) =>
        noResponse == 0 ? answer : FilterLaterAsync(answer, noResponse);

    private static async ValueTask<CoapResponse?> FilterLaterAsync(ValueTask<CoapResponse?> answer, uint noResponse) =>
        Filter(await answer.ConfigureAwait(false), noResponse);

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

    private static CoapResponse NotFound() => CoapResponse.Error(CoapCode.NotFound, "nothing is here");

    private static CoapResponse InternalError() => CoapResponse.Error(CoapCode.InternalServerError, "the server failed; its log says why");
}
