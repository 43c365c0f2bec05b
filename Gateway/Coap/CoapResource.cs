namespace Gateway.Coap;

/// <summary>Something that can be asked: what the engine must know of it to refuse in its name, and the method that answers.</summary>
internal abstract class CoapResource
{
    /// <summary>The methods it serves; any other is answered 4.05.</summary>
    public abstract IReadOnlySet<CoapCode> Methods { get; }

    /// <summary>The Content-Formats it takes; empty takes any. A payload without Content-Format is always taken, another format is answered 4.15.</summary>
    public virtual IReadOnlySet<int> ContentFormats => NoNumbers;

    /// <summary>The Content-Format of its answers; a request that accepts only another is answered 4.06. Null answers in whatever the client accepts.</summary>
    public virtual int? Produces => null;

    /// <summary>Critical options beyond the engine's own that it understands; any other is answered 4.02.</summary>
    public virtual IReadOnlySet<int> KnownOptions => NoNumbers;

    /// <summary>
    /// Whether its state may be observed (RFC 7641): a GET that asks for it is answered again, with the request that was kept, each
    /// time that <see cref="CoapServer.Notify(string)"/> names its path, and before the Max-Age of its last answer is over.
    /// </summary>
    public virtual bool Observable => false;

    /// <summary>
    /// Whether it says itself what its observers hear, and when: then a request that begins an observation has its
    /// <see cref="CoapRequest.Observer"/>, and the resource is not asked again for it. Only where it is <see cref="Observable"/>.
    /// </summary>
    public virtual bool TellsObservers => false;

    /// <summary>
    /// Answers on the thread that received the request, from bytes that hold only until this returns; null if it can't, then
    /// <see cref="AnswerAsync"/> is asked. For what is quick and needs nobody else: it costs no allocation but its own.
    /// </summary>
    public virtual CoapResponse? AnswerAtOnce(RequestView request) => null;

    /// <summary>Answers the request. May complete later and on any thread; the engine sends an empty acknowledgement when it takes too long. An exception is answered 5.00.</summary>
    public abstract ValueTask<CoapResponse> AnswerAsync(CoapRequest request, CancellationToken cancellation);

    private static readonly IReadOnlySet<int> NoNumbers = new HashSet<int>();
}

/// <summary>Finds the resource that a request is for. The engine asks once for each new request, on the thread that received it.</summary>
internal interface ICoapSite
{
    /// <summary>The resource at the path, or null, which is answered 4.04.</summary>
    CoapResource? Find(IReadOnlyList<string> path);

    /// <summary>What <c>/.well-known/core</c> lists (RFC 6690).</summary>
    IEnumerable<ResourceLink> Links { get; }
}
