namespace Gateway.Coap.Dtls;

/// <summary>Tells the admin of devices that get no session for want of the right key, but not of each attempt: a stranger could fill the log.</summary>
internal sealed class FailureNotice(TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();

    // Guarded by _gate.
    private long? _lastTold;
    private int _untold;

    public void Tell(in Peer peer, HandshakeOutcome outcome, string claim)
    {
        int more;
        lock (_gate)
        {
            if (_lastTold is { } last && time.GetElapsedTime(last) < Quiet)
            {
                _untold++;
                return;
            }

            (more, _untold, _lastTold) = (_untold, 0, time.GetTimestamp());
        }

        log.HandshakesFail(peer, outcome, claim, more);
    }
}
