namespace Gateway.Commands;

/// <summary>The commands that the store does not have as they are, each once, in the order in which they fell behind.</summary>
internal sealed class Backlog
{
    private readonly Lock _gate = new();

    // All under the gate. What is being written stays in sight until it is written.
    private readonly LinkedList<Entry> _waiting = [];
    private readonly Dictionary<string, LinkedListNode<Entry>> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Entry> _writing = new(StringComparer.Ordinal);
    private readonly List<(long Last, TaskCompletionSource Signal)> _followers = [];
    private TaskCompletionSource _any = NewSignal();
    private long _last;

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

    /// <summary>A command that is further than the store knows, by this record of the journal.</summary>
    public void Add(QueuedCommand command, long sequence)
    {
        lock (_gate)
        {
            if (_byId.TryGetValue(command.RequestId, out var node))
            {
                node.Value = node.Value with { Command = command };
            }
            else
            {
                _byId.Add(command.RequestId, _waiting.AddLast(new Entry(command, sequence, ++_last)));
                _any.TrySetResult();
            }
        }
    }

    /// <summary>Takes the first so many out, to be written.</summary>
    /// <param name="most">How many at most.</param>
    /// <param name="before">The record before which no command that stays has fallen behind.</param>
    public IReadOnlyCollection<QueuedCommand> Take(int most, out long before)
    {
        lock (_gate)
        {
            while (_writing.Count < most && _waiting.First is { } first)
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
            return signal.Task;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Their numbers grow along the list.
    private readonly record struct Entry(QueuedCommand Command, long Since, long Number);
}
