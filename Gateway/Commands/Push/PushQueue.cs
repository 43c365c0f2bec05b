using System.Collections.Concurrent;
using System.Threading.Channels;
using Gateway.Devices;

namespace Gateway.Commands;

/// <summary>
/// The devices that are to be looked after, now or later, and the pushes that have ended. Bounded by them: a device stands here once for each
/// of the two, and a push once.
/// </summary>
internal sealed class PushQueue : IDisposable
{
    private readonly Channel<PushWork> _now = Channel.CreateUnbounded<PushWork>();
    private readonly ConcurrentDictionary<DeviceId, byte> _noted = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();

    // From here on: under the gate. A device whose instant has moved forward has an entry that is passed over.
    private readonly PriorityQueue<PushWork, DateTimeOffset> _later = new();
    private readonly Dictionary<DeviceId, DateTimeOffset> _instants = [];

    public PushQueue(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(_ => Release(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The device is to be looked after. Any thread, and cheap.</summary>
    /// <param name="device">The device.</param>
    /// <param name="isDue">Whether it is to hear something, even if nothing waits for it.</param>
    public void Now(DeviceId device, bool isDue = false)
    {
        if (_noted.TryAdd(device, 0))
        {
            _now.Writer.TryWrite(new PushWork(device) { IsDue = isDue });
        }
    }

    /// <summary>A push has ended. Any thread.</summary>
    public void Ended(Push push, PushEnd end) => _now.Writer.TryWrite(new PushWork(push.Device) { Push = push, End = end });

    /// <summary>The same at an instant; of two for one device the earlier counts.</summary>
    public void Later(DeviceId device, DateTimeOffset at)
    {
        lock (_gate)
        {
            if (!_instants.TryGetValue(device, out var before) || at < before)
            {
                _instants[device] = at;
                _later.Enqueue(new PushWork(device), at);
                ArmTimer();
            }
        }
    }

    /// <summary>What could not be done now is to be tried again at an instant.</summary>
    public void Later(PushWork work, DateTimeOffset at)
    {
        if (work.Push is null)
        {
            Later(work.Device, at);
            return;
        }

        lock (_gate)
        {
            _later.Enqueue(work, at);
            ArmTimer();
        }
    }

    /// <summary>Completes when there is something to do, or somebody else has taken it.</summary>
    public async Task AnyAsync(CancellationToken cancellation) => await _now.Reader.WaitToReadAsync(cancellation);

    /// <summary>Takes something to do; false when there is nothing.</summary>
    public bool TryTake(out PushWork work)
    {
        if (!_now.Reader.TryRead(out work))
        {
            return false;
        }

        // From here on a further wish is a new one: what it is about may not be seen any more.
        if (work.Push is null)
        {
            _noted.TryRemove(work.Device, out _);
        }

        return true;
    }

    public void Dispose() => _timer.Dispose();

    private void Release()
    {
        var now = _time.GetUtcNow();
        lock (_gate)
        {
            while (_later.TryPeek(out var work, out var at) && at <= now)
            {
                _later.Dequeue();
                if (work.Push is not null)
                {
                    _now.Writer.TryWrite(work);
                }
                else if (_instants.TryGetValue(work.Device, out var instant) && instant == at)
                {
                    _instants.Remove(work.Device);
                    Now(work.Device);
                }
            }

            ArmTimer();
        }
    }

    // Under the gate.
    private void ArmTimer()
    {
        if (_later.TryPeek(out _, out var at))
        {
            var wait = at - _time.GetUtcNow();
            _timer.Change(wait < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : wait > TimeSpan.FromDays(1) ? TimeSpan.FromDays(1) : wait, Timeout.InfiniteTimeSpan);
        }
    }
}

/// <summary>Something to be done: a device to be looked after, or a push that has ended.</summary>
internal readonly record struct PushWork(DeviceId Device)
{
    public Push? Push { get; init; }

    public PushEnd? End { get; init; }

    public bool IsDue { get; init; }
}
