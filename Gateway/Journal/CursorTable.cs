namespace Gateway.Journal;

/// <summary>How far each reader has come: in memory at once, on disk when the committer gets to it.</summary>
internal sealed class CursorTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _current = [];
    private readonly Dictionary<string, long> _saved = [];

    public void Load(IEnumerable<CursorPosition> positions)
    {
        lock (_gate)
        {
            foreach (var (name, sequence) in positions)
            {
                _current[name] = _saved[name] = sequence;
            }
        }
    }

    public long Of(string name)
    {
        lock (_gate)
        {
            return _current.GetValueOrDefault(name);
        }
    }

    public void Advance(string name, long sequence)
    {
        lock (_gate)
        {
            if (sequence > _current.GetValueOrDefault(name))
            {
                _current[name] = sequence;
            }
        }
    }

    /// <summary>The slowest of these cursors; those that never moved count as 0.</summary>
    public long Slowest(IReadOnlyCollection<string> names) => names.Count == 0 ? long.MaxValue : names.Min(Of);

    /// <summary>Those that are further than the disk knows.</summary>
    public void CopyUnsavedTo(List<CursorPosition> positions)
    {
        positions.Clear();
        lock (_gate)
        {
            foreach (var (name, sequence) in _current)
            {
                if (_saved.GetValueOrDefault(name) != sequence)
                {
                    positions.Add(new CursorPosition(name, sequence));
                }
            }
        }
    }

    public void MarkSaved(List<CursorPosition> positions)
    {
        lock (_gate)
        {
            foreach (var (name, sequence) in positions)
            {
                _saved[name] = sequence;
            }
        }
    }
}

/// <summary>A reader's name and the last record that it has done with.</summary>
internal readonly record struct CursorPosition(string Name, long Sequence);
