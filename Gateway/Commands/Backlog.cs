using System.Runtime.InteropServices;

namespace Gateway.Commands;

/// <summary>The commands that the store does not have as they are, each once, in the order in which they fell behind.</summary>
internal sealed class Backlog
{
    // With more of them none is kept back any longer: each takes about a kilobyte.
    private const int MostKeptBack = 5_000;

    private readonly Lock _gate = new();

    // All under the gate. What is being written stays in sight until it is written. The order is apart from the commands, which change where
    // they stand: an object for each would be old when its next step comes, and what is young in old ones is what a collection takes longest for.
    private readonly Dictionary<string, QueuedCommand> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Entry> _writing = new(StringComparer.Ordinal);
    private Queue<Place> _waiting = [];
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
            return _byId.TryGetValue(requestId, out var command) ? command
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
            ref var waiting = ref CollectionsMarshal.GetValueRefOrAddDefault(_byId, command.RequestId, out var isThere);
            waiting = command;
            if (!isThere)
            {
                _waiting.Enqueue(new Place(command.RequestId, sequence, ++_last, now));
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
            while (_writing.Count < most && _waiting.TryPeek(out var first) && (first.At <= until || first.Number <= _awaited || _waiting.Count > MostKeptBack))
            {
                _waiting.Dequeue();
                _byId.Remove(first.RequestId, out var command);
                _writing.Add(first.RequestId, new Entry(command!, first));
            }

            // Not in the exact order of the records, for their appends end in any; so all are asked, of which few are left.
            before = _waiting.Count == 0 ? long.MaxValue : _waiting.Min(place => place.Since) - 1;
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

            var oldest = _waiting.TryPeek(out var first) ? first.Number : long.MaxValue;
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
            // One that has moved on meanwhile stands there again already, as it is now; its place is that of before.
            var before = new Queue<Place>();
            foreach (var command in unwritten)
            {
                _writing.Remove(command.RequestId, out var entry);
                _byId.TryAdd(command.RequestId, entry.Command);
                before.Enqueue(entry.Place);
            }

            var moved = unwritten.Select(command => command.RequestId).ToHashSet(StringComparer.Ordinal);
            foreach (var place in _waiting.Where(place => !moved.Contains(place.RequestId)))
            {
                before.Enqueue(place);
            }

            _waiting = before;
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

    private readonly record struct Entry(QueuedCommand Command, Place Place);

    // Numbers and stamps grow along the queue.
    private readonly record struct Place(string RequestId, long Since, long Number, long At);
}
