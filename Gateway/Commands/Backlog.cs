namespace Gateway.Commands;

/// <summary>The commands that the store does not have as they are, each once, in the order in which they fell behind.</summary>
internal sealed class Backlog
{
    // With more of them none is kept back any longer: each takes about a kilobyte.
    private const int MostKeptBack = 5_000;

    private readonly Lock _gate = new();

    // All under the gate. What is being written stays in sight until it is written.
    private readonly LinkedList<Entry> _waiting = [];
    private readonly Dictionary<string, LinkedListNode<Entry>> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Entry> _writing = new(StringComparer.Ordinal);
    private readonly List<(long Last, TaskCompletionSource Signal)> _followers = [];
    private TaskCompletionSource _any = NewSignal();
    private long _last;
    private long _awaited;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count + _writing.Count;
            }
        }
    }

    public QueuedCommand? Find(string requestId)
    {
        lock (_gate)
        {
            return _byId.TryGetValue(requestId, out var node) ? node.Value.Command
                : _writing.TryGetValue(requestId, out var entry) ? entry.Command
                : null;
        }
    }

    /// <summary>A command that is further than the store knows.</summary>
    /// <param name="command">The command as it is now.</param>
    /// <param name="sequence">The record of the journal that says so.</param>
    /// <param name="now">The time's stamp; it only counts where the command was not here yet.</param>
    public void Add(QueuedCommand command, long sequence, long now)
    {
        lock (_gate)
        {
            if (_byId.TryGetValue(command.RequestId, out var node))
            {
                node.Value = node.Value with { Command = command };
            }
            else
            {
                _byId.Add(command.RequestId, _waiting.AddLast(new Entry(command, sequence, ++_last, now)));
                _any.TrySetResult();
            }
        }
    }

    /// <summary>Takes those out that are to be written: what somebody waits for, what fell behind long ago, and what there is too much of.</summary>
    /// <param name="most">How many at most.</param>
    /// <param name="until">The stamp of the time until which they fell behind.</param>
    /// <param name="before">The record before which no command that stays has fallen behind.</param>
    public IReadOnlyCollection<QueuedCommand> Take(int most, long until, out long before)
    {
        lock (_gate)
        {
            while (_writing.Count < most && _waiting.First is { } first && (first.Value.At <= until || first.Value.Number <= _awaited || _waiting.Count > MostKeptBack))
            {
                _waiting.RemoveFirst();
                _byId.Remove(first.Value.Command.RequestId);
                _writing.Add(first.Value.Command.RequestId, first.Value);
            }

            // Not in the exact order of the records, for their appends end in any; so all are asked, of which few are left.
            before = _waiting.Count == 0 ? long.MaxValue : _waiting.Min(entry => entry.Since) - 1;
            return [.. _writing.Values.Select(entry => entry.Command)];
        }
    }

    /// <summary>They are written.</summary>
    public void Done(IReadOnlyCollection<QueuedCommand> written)
    {
        lock (_gate)
        {
            foreach (var command in written)
            {
                _writing.Remove(command.RequestId);
            }

            if (_waiting.Count == 0)
            {
                _any = NewSignal();
            }

            var oldest = _waiting.First?.Value.Number ?? long.MaxValue;
            foreach (var (_, signal) in _followers.Where(follower => follower.Last < oldest))
            {
                signal.TrySetResult();
            }

            _followers.RemoveAll(follower => follower.Last < oldest);
        }
    }

    /// <summary>They could not be written.</summary>
    public void PutBack(IReadOnlyCollection<QueuedCommand> unwritten)
    {
        lock (_gate)
        {
            foreach (var command in unwritten.Reverse())
            {
                var entry = _writing[command.RequestId];
                _writing.Remove(command.RequestId);
                if (_byId.Remove(command.RequestId, out var newer))
                {
                    entry = entry with { Command = newer.Value.Command };
                    _waiting.Remove(newer);
                }

                _byId.Add(command.RequestId, _waiting.AddFirst(entry));
            }

            _any.TrySetResult();
        }
    }

    /// <summary>Completes when there is something to write.</summary>
    public Task AnyAsync()
    {
        lock (_gate)
        {
            return _any.Task;
        }
    }

    /// <summary>Completes when everything is written that is here now.</summary>
    public Task WrittenAsync()
    {
        lock (_gate)
        {
            if (_waiting.Count + _writing.Count == 0)
            {
                return Task.CompletedTask;
            }

            var signal = NewSignal();
            _followers.Add((_last, signal));
            _awaited = _last;
            return signal.Task;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Their numbers and stamps grow along the list.
    private readonly record struct Entry(QueuedCommand Command, long Since, long Number, long At);
}
