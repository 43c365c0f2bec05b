namespace Gateway.Coap;

/// <summary>
/// RFC 7252 §5: from a request to its resource and back. Refuses in the resource's name what it need not see, and turns
/// whatever goes wrong there into an answer. Keeps nothing between requests; called from any thread.
/// </summary>
internal sealed class RequestLayer(
    ICoapSite site, CoapSettings settings, BlockwiseServer blockwise, TimeProvider time, ILogger log, CancellationToken stopping)
{
    private readonly WellKnownCore _wellKnownCore = new(site);

    /// <summary>The answer; null is silence. Does not throw.</summary>
    public async ValueTask<CoapResponse?> AnswerAsync(Peer peer, CoapMessage message)
    {
        var options = RequestOptions.Read(message.Options, out var fault);
        try
        {
            if (fault is { } malformed)
            {
                return Refuse(message, malformed);
            }

            if (options.ForProxy)
            {
                return CoapResponse.Error(CoapCode.ProxyingNotSupported, "this server is no proxy");
            }

            var resource = WellKnownCore.IsAt(options.Path) ? _wellKnownCore : site.Find(options.Path);
            if (RequestOptions.FindUnknown(message.Options, resource?.KnownOptions) is { } unknown)
            {
                return Refuse(message, unknown);
            }

            if (Check(resource, message, options) is { } refusal)
            {
                return refusal;
            }

            if (options.IsBlockwise)
            {
                return await AnswerInBlocksAsync(resource!, peer, message, options).ConfigureAwait(false);
            }

            var answer = await AskAsync(resource!, peer, message, options, message.Payload).ConfigureAwait(false);
            return answer.Payload.Length <= blockwise.LargestWhole ? answer : blockwise.Cut(peer, message, options, answer);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return CoapResponse.Error(CoapCode.ServiceUnavailable, "the server is stopping");
        }
        catch (Exception exception)
        {
            // The network learns that it failed, never why: that is for the log.
            log.ResourceFailed(peer, message.Code, string.Join('/', options.Path), exception);
            return InternalError();
        }
    }

    // In a method of its own, so that only a request in blocks pays for what the call captures.
    private ValueTask<CoapResponse> AnswerInBlocksAsync(CoapResource resource, Peer peer, CoapMessage message, RequestOptions options) =>
        blockwise.AnswerAsync(peer, message, options, body => AskAsync(resource, peer, message, options, body));

    private async ValueTask<CoapResponse> AskAsync(
        CoapResource resource, Peer peer, CoapMessage message, RequestOptions options, ReadOnlyMemory<byte> body)
    {
        var answer = await resource.AnswerAsync(RequestOf(peer, message, options, body), stopping).ConfigureAwait(false);
        return IsPossible(answer) ? answer : Impossible(peer, message, options, answer);
    }

    // RFC 7252 §5.4.1: an unrecognised critical option is answered 4.02 in a CON, and makes a NON be rejected, which is done by silence.
    private static CoapResponse? Refuse(CoapMessage message, OptionFault fault) =>
        message.Type == MessageType.Confirmable ? CoapResponse.Error(CoapCode.BadOption, fault.ToString()) : null;

    private CoapResponse? Check(CoapResource? resource, CoapMessage message, RequestOptions options)
    {
        if (resource is null)
        {
            // RFC 7252 §5.8: a method that does not exist is answered 4.05, wherever it is tried.
            return message.Code.Value > CoapCode.IPatch.Value ? MethodNotAllowed(message) : CoapResponse.Error(CoapCode.NotFound, "nothing is here");
        }

        if (!resource.Methods.Contains(message.Code))
        {
            return MethodNotAllowed(message);
        }

        if (options.Block1 is null && message.Payload.Length > settings.MaxPayloadSize)
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

    private CoapRequest RequestOf(Peer peer, CoapMessage message, RequestOptions options, ReadOnlyMemory<byte> body) => new()
    {
        Peer = peer.ToEndPoint(),
        Method = message.Code,
        Confirmable = message.Type == MessageType.Confirmable,
        Path = options.Path,
        Query = options.Query,
        Options = message.Options,
        ContentFormat = options.ContentFormat,
        Accept = options.Accept,
        Payload = body,
        ReceivedAt = time.GetUtcNow(),
    };

    private static bool IsPossible(CoapResponse answer) => answer.Code.IsResponse && answer.Payload.Length <= BlockCut.MaxBodySize;

    private CoapResponse Impossible(Peer peer, CoapMessage message, RequestOptions options, CoapResponse answer)
    {
        log.ImpossibleAnswer(peer, message.Code, string.Join('/', options.Path), answer.Code, answer.Payload.Length);
        return InternalError();
    }

    private static CoapResponse MethodNotAllowed(CoapMessage message) =>
        CoapResponse.Error(CoapCode.MethodNotAllowed, $"{message.Code} is not allowed here");

    private static CoapResponse InternalError() => CoapResponse.Error(CoapCode.InternalServerError, "the server failed; its log says why");
}
