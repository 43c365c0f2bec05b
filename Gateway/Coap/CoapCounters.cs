namespace Gateway.Coap;

/// <summary>Why a datagram or a request was dropped without a word.</summary>
internal enum DropReason
{
    /// <summary>Nobody can be answered at port 0, or at a broadcast, multicast or unspecified address: whoever wrote that into the datagram forged it.</summary>
    ForgedSource,

    /// <summary>It was sent to a multicast group or a broadcast address.</summary>
    ToGroup,

    /// <summary>It was larger than a datagram may be here.</summary>
    TooLarge,

    /// <summary>Its sender, or the sender's prefix, asks too much, and was told so less than a second ago.</summary>
    RateLimited,

    /// <summary>The server is stopping.</summary>
    Stopping,
}

/// <summary>What one endpoint has counted. An endpoint has its own, so that no processor waits for the other's to count.</summary>
internal sealed class CoapCounters
{
    // Behind those of the codes: requests that were met with silence.
    private const int Silence = 256;

    private readonly long[] _requests = new long[Silence + 1];
    private readonly long[] _dropped = new long[Enum.GetValues<DropReason>().Length];
    private long _datagrams;
    private long _malformed;
    private long _duplicates;

    /// <summary>What the endpoint's exchange table holds.</summary>
    public Func<ExchangeCounts> Exchanges { get; set; } = () => default;

    public long Datagrams => Interlocked.Read(ref _datagrams);

    public long Malformed => Interlocked.Read(ref _malformed);

    public long Duplicates => Interlocked.Read(ref _duplicates);

    public void Datagram() => Interlocked.Increment(ref _datagrams);

    public void Malformation() => Interlocked.Increment(ref _malformed);

    public void Duplicate() => Interlocked.Increment(ref _duplicates);

    public void Drop(DropReason reason) => Interlocked.Increment(ref _dropped[(int)reason]);

    /// <param name="answer">The answer's code, or null when the request was met with silence.</param>
    public void Request(CoapCode? answer) => Interlocked.Increment(ref _requests[answer?.Value ?? Silence]);

    public long Dropped(DropReason reason) => Interlocked.Read(ref _dropped[(int)reason]);

    /// <summary>The requests that were answered with the code, or with null were not answered.</summary>
    public long Requests(CoapCode? answer) => Interlocked.Read(ref _requests[answer?.Value ?? Silence]);
}
