using Gateway.Devices;

namespace Gateway.Storage;

/// <summary>
/// Pages of devices as the store has them, kept until something but a sighting is written about any device: whoever looks at a list looks
/// again. A page that is not found is read, which takes the store's one thread half a millisecond.
/// </summary>
internal sealed class DevicePages
{
    // Devices on all pages together, and the pages: some hundred bytes each.
    private const int MostKept = 50_000;

    private readonly Lock _gate = new();

    // All under the gate.
    private readonly Dictionary<DevicePage, DeviceSlice> _pages = [];

    // What was saved since the pages were read.
    private readonly Dictionary<DeviceId, DateTimeOffset> _seen = [];
    private long _version;
    private int _kept;

    /// <summary>A page; null when it has to be read.</summary>
    /// <param name="page">Which.</param>
    /// <param name="complete">What is not stored of a device. Until it is done nothing counts as written, so a sighting is found here or there.</param>
    /// <param name="version">What <see cref="Keep"/> wants to know, of before the reading.</param>
    public DeviceSlice? Find(DevicePage page, Func<Device, Device> complete, out long version)
    {
        lock (_gate)
        {
            version = _version;
            return _pages.TryGetValue(page, out var kept) ? kept.Completed(device => WithSaved(complete(device))) : null;
        }
    }

    /// <summary>Keeps a page that was read, unless something was written meanwhile.</summary>
    public void Keep(DevicePage page, DeviceSlice read, long version)
    {
        lock (_gate)
        {
            if (version != _version)
            {
                return;
            }

            if (_kept + read.Devices.Count >= MostKept)
            {
                // This one as well, for it may be from before a sighting.
                Forget();
                return;
            }

            if (_pages.TryAdd(page, read))
            {
                _kept += read.Devices.Count + 1;
            }
        }
    }

    /// <summary>These sightings are in the store now. To be called before whoever saved them is told.</summary>
    public void Saw(IReadOnlyCollection<KeyValuePair<DeviceId, DateTimeOffset>> sightings)
    {
        lock (_gate)
        {
            if (_pages.Count == 0 || _seen.Count + sightings.Count > MostKept)
            {
                Forget();
                return;
            }

            foreach (var (device, at) in sightings)
            {
                _seen[device] = at;
            }
        }
    }

    /// <summary>Something else was written. To be called before whoever wrote it is told.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _version++;
            Clear();
        }
    }

    // Most have spoken since, which is known already, and then there is nothing to copy.
    private Device WithSaved(Device device) =>
        _seen.TryGetValue(device.Id, out var seen) && !(device.LastSeenAt >= seen) ? device with { LastSeenAt = seen } : device;

    private void Clear()
    {
        _pages.Clear();
        _seen.Clear();
        _kept = 0;
    }
}

/// <summary>Which page: what <see cref="IDeviceStore.ListAsync"/> is asked for.</summary>
internal readonly record struct DevicePage(DeviceId After, int Limit, DeviceState? State);
