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
