namespace Gateway.Commands;

/// <summary>
/// Says up to which record of the journal all steps are known. Their appends end in any order, and between the disk and the memory is a
/// moment; so a number is believed only when all that began before it was read have ended.
/// </summary>
internal sealed class StepsUnderWay
{
    private readonly Lock _gate = new();

    // All under the gate. Steps that begin are counted in one of two places, which are swapped with each number that is read.
    private readonly int[] _counts = new int[2];
    private int _now;
    private long _candidate;
    private long _reached;

    /// <summary>Steps begin; they end with the object.</summary>
    public IDisposable Begin()
    {
        lock (_gate)
        {
            _counts[_now]++;
            return new Ticket(this, _now);
        }
    }

    /// <summary>The highest number so far that may be believed.</summary>
    /// <param name="lastSequence">The journal's newest record, read just now.</param>
    public long Reach(long lastSequence)
    {
        lock (_gate)
        {
            // Nobody is left who began before the candidate was read.
            if (_counts[1 - _now] == 0)
            {
                _reached = _candidate;
                _candidate = lastSequence;
                _now = 1 - _now;
                _reached = _counts[1 - _now] == 0 ? _candidate : _reached;
            }

            return _reached;
        }
    }

    private void End(int place)
    {
        lock (_gate)
        {
            _counts[place]--;
        }
    }

    private sealed class Ticket(StepsUnderWay owner, int place) : IDisposable
    {
        private int _isOver;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
            {
                owner.End(place);
            }
        }
    }
}
