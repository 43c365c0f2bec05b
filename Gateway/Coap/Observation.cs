namespace Gateway.Coap;

/// <summary>Asks for the answer to a request. Does not throw; null is silence.</summary>
internal delegate ValueTask<CoapResponse?> ObservedRequest(Peer peer, CoapMessage request, Outbox? outbox = null);

/// <summary>
/// One entry of the list of observers (RFC 7641 §4.1): a peer, the token that it chose, and its request, which is answered again
/// with each notification. The lock of <see cref="Observers"/> guards what changes.
/// </summary>
internal sealed class Observation(Peer peer, CoapMessage request, IReadOnlyList<string> path, Outbox outbox, ObservedRequest ask)
{
    // The resource is being asked, as it is at first; then nobody else asks it for this observer.
    private bool _isAsking = true;

    // Its state changed while it was being asked, so that it must be asked again.
    private bool _isDirty;

    // Without Observe: to answer it again is not to observe anew.
    private readonly CoapMessage _request = request with { Options = [.. request.Options.Where(option => option.Number != OptionNumber.Observe)] };

    public Peer Peer { get; } = peer;

    public Token Token { get; } = request.Token;

    /// <summary>The path, its segments joined by slashes. A segment with a slash in it may look like two; then one asks in vain, no more.</summary>
    public string Path { get; } = PathOf(path);

    public Outbox Outbox { get; } = outbox;

    /// <summary>Which one it is, of all that there were: where deadlines are equal, the older one comes first.</summary>
    public long Number { get; set; }

    /// <summary>When the next notification is due even if nothing changes, as a timestamp; null when none is.</summary>
    public long? Deadline { get; set; }

    /// <summary>The notification that was sent last, as the outbox knows it.</summary>
    public MessageId? LastId { get; set; }

    /// <summary>RFC 7641 §2: for GET; RFC 8132 §2.4: and for FETCH. RFC 7959 §2.6: a later block is no state of its own.</summary>
    public static bool CanBeOf(CoapCode method, BlockOption? block2) =>
        (method == CoapCode.Get || method == CoapCode.Fetch) && block2 is null or { Number: 0 };

    public static string PathOf(IReadOnlyList<string> path) => string.Join('/', path);

    /// <summary>The answer as it is now.</summary>
    public ValueTask<CoapResponse?> AskAsync() => ask(Peer, _request);

    /// <summary>Whether the caller is to ask. If somebody is asking already, that one asks once more.</summary>
    public bool TryBeginAsking()
    {
        _isDirty |= _isAsking;
        return !_isAsking && (_isAsking = true);
    }

    /// <summary>The caller has asked; false if it is to ask once more.</summary>
    public bool TryEndAsking()
    {
        _isAsking = _isDirty;
        _isDirty = false;
        return !_isAsking;
    }
}
