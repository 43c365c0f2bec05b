namespace Gateway.Coap;

/// <summary>
/// One entry of the list of observers (RFC 7641 §4.1): a peer, the token that it chose, and its request, which is answered again
/// with each notification. The lock of <see cref="Observers"/> guards what changes.
/// </summary>
/// <param name="peer">Who observes.</param>
/// <param name="token">The token of its request, and so of the notifications.</param>
/// <param name="path">What it observes.</param>
/// <param name="outbox">Through what the notifications go out.</param>
/// <param name="ask">Answers the request once more, on any thread; null is silence. Does not throw.</param>
internal sealed class Observation(Peer peer, Token token, IReadOnlyList<string> path, Outbox outbox, Func<ValueTask<CoapResponse?>> ask)
{
    // The resource is being asked, as it is at first; then nobody else asks it for this observer.
    private bool _isAsking = true;

    // Its state changed while it was being asked, so that it must be asked again.
    private bool _isDirty;

    // The Content-Format of its first 2.05, which may have none; not known before there is one.
    private (int? Number, bool IsKnown) _format;

    public Peer Peer { get; } = peer;

    public Token Token { get; } = token;

    /// <summary>The path, its segments joined by slashes. A segment with a slash in it may look like two; then one asks in vain, no more.</summary>
    public string Path { get; } = PathOf(path);

    public Outbox Outbox { get; } = outbox;

    /// <summary>Who tells it, where the resource does that itself; null where the resource is asked.</summary>
    public Observer? Observer { get; init; }

    /// <summary>Which one it is, of all that there were: where deadlines are equal, the older one comes first.</summary>
    public long Number { get; set; }

    /// <summary>When the next notification is due even if nothing changes, as a timestamp; null when none is.</summary>
    public long? Deadline { get; set; }

    /// <summary>How long after its last answer the next one is due.</summary>
    public TimeSpan Patience { get; set; }

    /// <summary>The notification that was sent last, as the outbox knows it.</summary>
    public MessageId? LastId { get; set; }

    /// <summary>RFC 7641 §2: for GET; RFC 8132 §2.4: and for FETCH. RFC 7959 §2.6: a later block is no state of its own.</summary>
    public static bool CanBeOf(CoapCode method, BlockOption? block2) =>
        (method == CoapCode.Get || method == CoapCode.Fetch) && block2 is null or { Number: 0 };

    public static string PathOf(IReadOnlyList<string> path) => string.Join('/', path);

    /// <summary>Whether the answer has the Content-Format of the first, as all must have (RFC 7641 §4.2).</summary>
    public bool KeepsFormat(CoapResponse answer)
    {
        // A 2.03 stands for what the client has already, and names no format.
        if (answer.Code != CoapCode.Content)
        {
            return true;
        }

        _format = _format.IsKnown ? _format : (answer.ContentFormat, true);
        return _format.Number == answer.ContentFormat;
    }

    /// <summary>The answer as it is now.</summary>
    public ValueTask<CoapResponse?> AskAsync() => ask();

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
