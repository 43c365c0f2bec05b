using System.Collections.Concurrent;

namespace Gateway.Coap.Dtls;

/// <summary>
/// The sessions, by their numbers, and those without a connection id by where their peers are. Bounded: at the bound one goes that was used
/// longest ago. Methods may be called from any thread, and to look one up takes no lock.
/// </summary>
//
// For the one that was used longest ago of all, each record would have to move its session in a list that all threads share. So a few are
// taken at random, and of these the one that was used longest ago goes: with sixteen it is nearly always one of the oldest tenth.
internal sealed class AssociationTable(int capacity, long idleTime, Random random)
{
    private const int Sample = 16;

    private readonly ConcurrentDictionary<ulong, Association> _byNumber = new();
    private readonly ConcurrentDictionary<Peer, Association> _byAddress = new();
    private readonly Lock _gate = new();

    // Guarded by _gate: all, in no order, for a choice by chance.
    private readonly List<Association> _all = [];
    private readonly Dictionary<ulong, int> _places = [];
    private int _swept;

    public int Count => _byNumber.Count;

    /// <summary>How many had to go for want of room.</summary>
    public long Evicted { get; private set; }

    public Association? Find(ulong number) => _byNumber.GetValueOrDefault(number);

    /// <summary>The session without a connection id whose peer is there; with several, the latest.</summary>
    public Association? FindAt(in Peer source) => _byAddress.GetValueOrDefault(source);

    /// <summary>Adds a session. One without a connection id takes its address from another that had it, and so is never found again.</summary>
    public void Add(Association association)
    {
        lock (_gate)
        {
            if (_all.Count >= capacity)
            {
                Evicted++;
                RemoveLocked(OldestOfSome());
            }

            _places.Add(association.Number, _all.Count);
            _all.Add(association);
            _byNumber[association.Number] = association;
            if (association.HasConnectionId)
            {
                return;
            }

            if (_byAddress.TryGetValue(association.Source, out var before))
            {
                RemoveLocked(before);
            }

            _byAddress[association.Source] = association;
        }
    }

    public void Remove(Association association)
    {
        lock (_gate)
        {
            RemoveLocked(association);
        }
    }

    /// <summary>Forgets what was not used for long among the next so many.</summary>
    public void Sweep(long now, int count)
    {
        lock (_gate)
        {
            for (; count > 0 && _all.Count > 0; count--)
            {
                _swept = _swept + 1 < _all.Count ? _swept + 1 : 0;
                if (now - _all[_swept].LastUsed > idleTime)
                {
                    RemoveLocked(_all[_swept]);
                }
            }
        }
    }

    /// <summary>All of them, at this moment.</summary>
    public Association[] ToArray()
    {
        lock (_gate)
        {
            return [.. _all];
        }
    }

    private Association OldestOfSome()
    {
        var oldest = _all[random.Next(_all.Count)];
        for (var i = 1; i < Sample; i++)
        {
            var other = _all[random.Next(_all.Count)];
            if ((other.HasSpoken, other.LastUsed).CompareTo((oldest.HasSpoken, oldest.LastUsed)) < 0)
            {
                oldest = other;
            }
        }

        return oldest;
    }

    private void RemoveLocked(Association association)
    {
        if (!_places.Remove(association.Number, out var place))
        {
            return;
        }

        var last = _all[^1];
        _all[place] = last;
        _all.RemoveAt(_all.Count - 1);
        if (last != association)
        {
            _places[last.Number] = place;
        }

        _byNumber.TryRemove(association.Number, out _);
        _byAddress.TryRemove(KeyValuePair.Create(association.Source, association));
    }
}
