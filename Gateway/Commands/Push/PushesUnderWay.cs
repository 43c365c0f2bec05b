using System.Collections.Concurrent;
using Gateway.Devices;

namespace Gateway.Commands;

/// <summary>The messages of ours that are under way, by their devices. While one is, what it carries is not judged by what its device happens to say.</summary>
internal sealed class PushesUnderWay
{
    private readonly ConcurrentDictionary<DeviceId, Push> _pushes = new();
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public Push? Find(DeviceId device) => _pushes.GetValueOrDefault(device);

    /// <summary>It goes out. The device's turn is the caller's, and it has no other.</summary>
    public void Add(Push push)
    {
        if (_pushes.TryAdd(push.Device, push))
        {
            Interlocked.Increment(ref _count);
        }
    }

    /// <summary>It is known what became of it.</summary>
    public void Remove(Push push)
    {
        if (_pushes.TryRemove(KeyValuePair.Create(push.Device, push)))
        {
            Interlocked.Decrement(ref _count);
        }
    }
}
