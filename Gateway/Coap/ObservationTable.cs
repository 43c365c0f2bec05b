using System.Diagnostics.CodeAnalysis;

namespace Gateway.Coap;

/// <summary>The lists of observers of all resources (RFC 7641 §4.1), bounded in all and for each peer. Not thread-safe; the lock of <see cref="Observers"/> guards it.</summary>
internal sealed class ObservationTable(int max, int maxPerPeer)
{
    private readonly Dictionary<(Peer Peer, Token Token), Observation> _all = [];
    private readonly Dictionary<string, HashSet<Observation>> _byPath = [];
    private readonly Dictionary<Peer, int> _perPeer = [];
    private readonly SortedSet<Observation> _byDeadline = new(Comparer<Observation>.Create(
        (left, right) => (left.Deadline, left.Number).CompareTo((right.Deadline, right.Number))));

    private long _lastNumber;

    public int Count => _all.Count;

    public long NextDeadline => _byDeadline.Min?.Deadline ?? long.MaxValue;

    public IEnumerable<Observation> All => _all.Values;

    public bool Contains(Observation observation) => Find(observation.Peer, observation.Token) == observation;

    public Observation? Find(Peer peer, Token token) => _all.GetValueOrDefault((peer, token));

    public IEnumerable<Observation> At(string path) => _byPath.TryGetValue(path, out var observations) ? observations : [];

    /// <summary>Takes one for which there is no other with its peer and token; false when a bound is reached, which is then named.</summary>
    public bool TryAdd(Observation observation, [NotNullWhen(false)] out string? limit)
    {
        var ofPeer = _perPeer.GetValueOrDefault(observation.Peer);
        limit = _all.Count >= max ? "coap.max_observers" : ofPeer >= maxPerPeer ? "coap.max_observers_per_peer" : null;
        if (limit is not null)
        {
            return false;
        }

        observation.Number = ++_lastNumber;
        _all.Add((observation.Peer, observation.Token), observation);
        _perPeer[observation.Peer] = ofPeer + 1;
        if (!_byPath.TryGetValue(observation.Path, out var ofPath))
        {
            _byPath.Add(observation.Path, ofPath = []);
        }

        ofPath.Add(observation);
        return true;
    }

    public void Remove(Observation observation)
    {
        SetDeadline(observation, null);
        observation.Observer?.Left?.Invoke();
        _all.Remove((observation.Peer, observation.Token));
        if (--_perPeer[observation.Peer] == 0)
        {
            _perPeer.Remove(observation.Peer);
        }

        var ofPath = _byPath[observation.Path];
        ofPath.Remove(observation);
        if (ofPath.Count == 0)
        {
            _byPath.Remove(observation.Path);
        }
    }

    public void SetDeadline(Observation observation, long? deadline)
    {
        if (observation.Deadline is not null)
        {
            _byDeadline.Remove(observation);
        }

        observation.Deadline = deadline;
        if (deadline is not null)
        {
            _byDeadline.Add(observation);
        }
    }

    /// <summary>Takes one whose deadline has come; it has none then.</summary>
    public bool TryTakeDue(long now, [NotNullWhen(true)] out Observation? due)
    {
        due = _byDeadline.Min;
        if (due is null || due.Deadline > now)
        {
            due = null;
            return false;
        }

        SetDeadline(due, null);
        return true;
    }
}
