using System.Collections.Concurrent;
using Gateway.Devices;

namespace Gateway.Commands;

/// <summary>
/// The live commands of all devices, in memory: a frame of a device without commands costs one look-up and never touches the store.
/// Whoever takes a command out owns it, until it is put back or has ended; so two answers never carry the same one.
/// </summary>
internal sealed class CommandQueue
{
    private static readonly Comparer<QueuedCommand> PriorityThenArrival = Comparer<QueuedCommand>.Create((left, right) =>
        left.Command.Priority != right.Command.Priority
            ? right.Command.Priority.CompareTo(left.Command.Priority)
            : left.Order.CompareTo(right.Order));

    // Reading whether a device is there needs no lock; everything else does.
    private readonly ConcurrentDictionary<DeviceId, Lanes> _devices = new();
    private readonly Lock _gate = new();

    public bool HasAny(DeviceId device) => _devices.ContainsKey(device);

    public int Waiting(DeviceId device)
    {
        lock (_gate)
        {
            return _devices.TryGetValue(device, out var lanes) ? lanes.Queued.Count : 0;
        }
    }

    public int WaitingInAll
    {
        get
        {
            lock (_gate)
            {
                return _devices.Values.Sum(lanes => lanes.Queued.Count);
            }
        }
    }

    /// <summary>Puts a queued or a sent command into its lane.</summary>
    public void Add(QueuedCommand command)
    {
        lock (_gate)
        {
            var lanes = _devices.GetOrAdd(command.Device, _ => new Lanes());
            if (command.State is CommandState.Sent)
            {
                lanes.Sent.Add(command);
            }
            else
            {
                lanes.Queued.Add(command);
            }
        }
    }

    /// <summary>Takes the next queued command out; null when none is waiting.</summary>
    public QueuedCommand? TakeNext(DeviceId device) => Take(device, lanes =>
    {
        var next = lanes.Queued.Min;
        return next is not null && lanes.Queued.Remove(next) ? next : null;
    });

    /// <summary>Takes this queued command out; null when it is not waiting (any more).</summary>
    public QueuedCommand? TakeQueued(DeviceId device, string requestId) => Take(device, lanes =>
    {
        var found = lanes.Queued.FirstOrDefault(command => command.RequestId == requestId);
        return found is not null && lanes.Queued.Remove(found) ? found : null;
    });

    /// <summary>Takes out all commands that were sent to the device and wait for evidence.</summary>
    public IReadOnlyList<QueuedCommand> TakeSent(DeviceId device) => HasAny(device)
        ? Take(device, lanes =>
        {
            QueuedCommand[] sent = [.. lanes.Sent];
            lanes.Sent.Clear();
            return sent;
        }) ?? []
        : [];

    /// <summary>Takes out all queued commands whose time has run out.</summary>
    public IReadOnlyList<QueuedCommand> TakeExpired(DateTimeOffset now)
    {
        var expired = new List<QueuedCommand>();
        foreach (var device in _devices.Keys)
        {
            Take(device, lanes =>
            {
                expired.AddRange(lanes.Queued.Where(command => command.IsExpired(now)));
                return lanes.Queued.RemoveWhere(command => command.IsExpired(now));
            });
        }

        return expired;
    }

    private T? Take<T>(DeviceId device, Func<Lanes, T?> take)
    {
        lock (_gate)
        {
            if (!_devices.TryGetValue(device, out var lanes))
            {
                return default;
            }

            var taken = take(lanes);
            if (lanes is { Queued.Count: 0, Sent.Count: 0 })
            {
                _devices.TryRemove(device, out _);
            }

            return taken;
        }
    }

    private sealed class Lanes
    {
        public SortedSet<QueuedCommand> Queued { get; } = new(PriorityThenArrival);

        public List<QueuedCommand> Sent { get; } = [];
    }
}
