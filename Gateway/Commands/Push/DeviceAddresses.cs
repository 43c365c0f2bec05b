using Gateway.Coap;
using Gateway.Devices;

namespace Gateway.Commands;

/// <summary>
/// Where devices spoke from last, in memory: after a restart nobody has an address before it speaks. Learnt from each frame, which costs a
/// look-up and makes no garbage. Bounded: where a set is full, the one that was heard longest ago is forgotten.
/// </summary>
//
//   hash of the device ──► a set of eight places, made when first needed, under one of a few locks
//
internal sealed class DeviceAddresses
{
    private const int Ways = 8;
    private const int Gates = 64;

    private readonly Place[]?[] _sets;
    private readonly Lock[] _gates = [.. Enumerable.Range(0, Gates).Select(_ => new Lock())];
    private long _clock;

    public DeviceAddresses(CommandSettings settings) => _sets = new Place[]?[Math.Max(1, (settings.MaxAddresses + Ways - 1) / Ways)];

    /// <summary>The device has spoken from there.</summary>
    public void Learn(DeviceId device, in PeerLink link)
    {
        var set = SetOf(device);
        lock (_gates[set % Gates])
        {
            ref var place = ref PlaceFor(_sets[set] ??= new Place[Ways], device);
            place.Device = device;
            place.Link = link;
            place.HeardAt = Interlocked.Increment(ref _clock);
        }
    }

    /// <summary>The device's last address; null when it is not known.</summary>
    public PeerLink? Find(DeviceId device)
    {
        var set = SetOf(device);
        lock (_gates[set % Gates])
        {
            foreach (ref var place in _sets[set].AsSpan())
            {
                if (place.Device == device)
                {
                    return place.Link;
                }
            }
        }

        return null;
    }

    private static ref Place PlaceFor(Place[] set, DeviceId device)
    {
        var oldest = 0;
        for (var i = 0; i < set.Length; i++)
        {
            if (set[i].Device == device)
            {
                return ref set[i];
            }

            oldest = set[i].HeardAt < set[oldest].HeardAt ? i : oldest;
        }

        return ref set[oldest];
    }

    private int SetOf(DeviceId device) => (int)((uint)device.GetHashCode() % (uint)_sets.Length);

    private struct Place
    {
        public DeviceId Device;
        public PeerLink Link;
        public long HeardAt;
    }
}
