using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Gateway.Devices;

namespace Gateway.Commands;

/// <summary>
/// All commands for which something is to be done, in memory: a frame of a device without commands costs one look-up, and none touches the
/// store. It answers what is; that two don't step the same command at once is for <see cref="DeviceTurns"/>.
/// </summary>
internal sealed class CommandIndex
{
    // Reading whether a device is there needs no lock; everything else is under _gate.
    private readonly ConcurrentDictionary<DeviceId, Lane> _lanes = new();
    private readonly Dictionary<string, QueuedCommand> _byId = new(StringComparer.Ordinal);

    // Those that wait and can expire. A command that has moved on meanwhile is passed over when its time comes.
    private readonly PriorityQueue<string, DateTimeOffset> _expiries = new();
    private readonly CommandTally _tally = new();

    // The runs whose commands are not sent now. Replaced as a whole, read from everywhere.
    private volatile FrozenSet<string> _heldRuns = [];
    private readonly Lock _gate = new();

    /// <summary>How many there are, sent ones included.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _byId.Count;
            }
        }
    }

    /// <summary>How many wait and how many are sent, by profile and type.</summary>
    public IReadOnlyList<TallyEntry> Tally
    {
        get
        {
            lock (_gate)
            {
                return _tally.Entries();
            }
        }
    }

    /// <summary>Whether there is anything for the device. Costs one look-up.</summary>
    public bool HasAny(DeviceId device) => _lanes.ContainsKey(device);

    public QueuedCommand? Find(string requestId)
    {
        lock (_gate)
        {
            return _byId.GetValueOrDefault(requestId);
        }
    }

    /// <summary>How many commands wait for the device.</summary>
    public int Waiting(DeviceId device)
    {
        lock (_gate)
        {
            return _lanes.TryGetValue(device, out var lane) ? lane.Waiting.Count : 0;
        }
    }

    /// <summary>The device's commands: those that were sent, and the first of those that wait and whose time has come, the next to go first.</summary>
    public LaneView Of(DeviceId device, int most, DateTimeOffset now)
    {
        lock (_gate)
        {
            var held = _heldRuns;
            return _lanes.TryGetValue(device, out var lane)
                ? new LaneView(
                    [.. lane.Sent],

                    // One that was sent before may still be confirmed, also while its run is held.
                    [.. lane.Waiting.Where(command => command.IsDue(now) && (command.Attempts > 0 || !IsOf(held, command))).Take(most)],
                    lane.Waiting.Exists(command => !command.IsDue(now)),
                    held.Count > 0 && lane.Waiting.Exists(command => IsOf(held, command)),
                    held)
                : new LaneView([], [], false, false, held);
        }
    }

    /// <summary>All commands of the device, those that were sent first, then those that wait, in the order in which they go.</summary>
    public IReadOnlyList<QueuedCommand> AllOf(DeviceId device)
    {
        lock (_gate)
        {
            return _lanes.TryGetValue(device, out var lane) ? [.. lane.Sent, .. lane.Waiting] : [];
        }
    }

    /// <summary>From now on the commands of these runs, and of no others, are kept back.</summary>
    public void HoldBack(FrozenSet<string> runs) => _heldRuns = runs;

    /// <summary>The commands of a run that wait. It looks at all commands that there are.</summary>
    public IReadOnlyList<QueuedCommand> WaitingOf(string runId)
    {
        lock (_gate)
        {
            return [.. _byId.Values.Where(command => command.RunId == runId && command.State is CommandState.Queued)];
        }
    }

    internal static bool IsOf(FrozenSet<string> runs, QueuedCommand command) => command.RunId is { } run && runs.Contains(run);

    /// <summary>Whether commands wait that go to the device's own server.</summary>
    public bool HasRequests(DeviceId device)
    {
        lock (_gate)
        {
            return _lanes.TryGetValue(device, out var lane) && lane.Waiting.Exists(static command => command.Path is not null);
        }
    }

    /// <summary>When the next of the device's commands may be sent that may not be sent yet; null for none.</summary>
    public DateTimeOffset? NextStart(DeviceId device, DateTimeOffset now)
    {
        lock (_gate)
        {
            return _lanes.TryGetValue(device, out var lane) ? lane.Waiting.Where(command => !command.IsDue(now)).Min(command => command.NotBefore) : null;
        }
    }

    /// <summary>The waiting commands of the device with this key: several when one was sent, a newer one came, and the first waits again.</summary>
    public IReadOnlyList<QueuedCommand> WaitingWithKey(DeviceId device, string dedupKey)
    {
        lock (_gate)
        {
            return _lanes.TryGetValue(device, out var lane) ? lane.Waiting.FindAll(command => command.DedupKey == dedupKey) : [];
        }
    }

    /// <summary>A command as it is now: takes the place of what was known of it. One that has ended goes.</summary>
    public void Put(QueuedCommand command)
    {
        lock (_gate)
        {
            if (_byId.Remove(command.RequestId, out var before))
            {
                Take(before);
            }

            if (command.IsActive)
            {
                _byId.Add(command.RequestId, command);
                Add(command);
            }
        }
    }

    /// <summary>Takes note of the waiting commands whose time has run out. They stay until somebody steps them.</summary>
    public IReadOnlyList<QueuedCommand> TakeExpired(DateTimeOffset now, int most)
    {
        var expired = new List<QueuedCommand>();
        lock (_gate)
        {
            while (expired.Count < most && _expiries.TryPeek(out var id, out var at) && at <= now)
            {
                _expiries.Dequeue();
                if (_byId.TryGetValue(id, out var command) && command.State is CommandState.Queued && command.IsExpired(now))
                {
                    expired.Add(command);
                }
            }
        }

        return expired;
    }

    /// <summary>Of one that could not be stepped: its time comes again.</summary>
    public void TryAgain(QueuedCommand expired)
    {
        lock (_gate)
        {
            _expiries.Enqueue(expired.RequestId, expired.ExpiresAt!.Value);
        }
    }

    private void Add(QueuedCommand command)
    {
        var lane = _lanes.GetOrAdd(command.Device, static _ => new Lane());
        if (command.State is CommandState.Sent)
        {
            lane.Sent.Add(command);
        }
        else
        {
            var place = lane.Waiting.BinarySearch(command, NextFirst.Instance);
            lane.Waiting.Insert(place < 0 ? ~place : place, command);
            if (command.ExpiresAt is { } at)
            {
                _expiries.Enqueue(command.RequestId, at);
            }
        }

        _tally.Count(command, 1);
    }

    private void Take(QueuedCommand command)
    {
        var lane = _lanes[command.Device];
        if (command.State is CommandState.Sent)
        {
            lane.Sent.RemoveAt(lane.Sent.FindIndex(sent => ReferenceEquals(sent, command)));
        }
        else
        {
            lane.Waiting.RemoveAt(lane.Waiting.BinarySearch(command, NextFirst.Instance));
        }

        if (lane is { Waiting.Count: 0, Sent.Count: 0 })
        {
            _lanes.TryRemove(command.Device, out _);
        }

        _tally.Count(command, -1);
    }

    // A list each: most devices have one or two commands, for which trees are too much.
    private sealed class Lane
    {
        public List<QueuedCommand> Waiting { get; } = new(1);

        public List<QueuedCommand> Sent { get; } = [];
    }
}

/// <summary>The order in which commands go: the higher priority first, then the earlier arrival.</summary>
internal sealed class NextFirst : IComparer<QueuedCommand>
{
    public static readonly NextFirst Instance = new();

    public int Compare([AllowNull] QueuedCommand x, [AllowNull] QueuedCommand y) =>
        x!.Priority != y!.Priority ? y.Priority.CompareTo(x.Priority) : x.Order.CompareTo(y.Order);
}

/// <summary>A device's commands at a moment.</summary>
/// <param name="Sent">Those that an answer has carried, and that wait for evidence.</param>
/// <param name="Waiting">The first of those that wait and are due, in the order in which they go.</param>
/// <param name="HasLater">Whether there are some that are not due yet.</param>
/// <param name="HasHeld">Whether there are some whose run is held.</param>
/// <param name="HeldRuns">The runs whose commands are not sent now.</param>
internal readonly record struct LaneView(IReadOnlyList<QueuedCommand> Sent, IReadOnlyList<QueuedCommand> Waiting, bool HasLater, bool HasHeld, FrozenSet<string> HeldRuns)
{
    /// <summary>Whether a command may go out, as far as its run goes.</summary>
    public bool IsHeld(QueuedCommand command) => CommandIndex.IsOf(HeldRuns, command);
}
