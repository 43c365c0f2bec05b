using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Gateway.Devices;

/// <summary>
/// The addresses of devices that register, and are known by where they speak from afterwards (OMA LwM2M). A device has one entry, which ends
/// with its lifetime; of two devices at one address, the one that came last has it.
/// </summary>
internal sealed class AddressBook
{
    private readonly IAddressStore _store;
    private readonly DeviceSettings _settings;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger<AddressBook> _log;

    // Under the lock; no one waits for the disk in it.
    private readonly Lock _lock = new();
    private readonly Dictionary<string, AddressEntry> _byLocation = [];
    private readonly Dictionary<DeviceId, string> _byDevice = [];
    private readonly Dictionary<string, string> _byPeer = [];

    public AddressBook(IAddressStore store, DeviceSettings settings, TimeProvider time, Random random, ILogger<AddressBook> log)
    {
        (_store, _settings, _time, _random, _log) = (store, settings, time, random, log);
        foreach (var entry in store.All().OrderBy(entry => entry.ExpiresAt))
        {
            Put(entry);
        }
    }

    /// <summary>How many entries there are, with those whose time is over and that nobody has asked for since.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _byLocation.Count;
            }
        }
    }

    /// <summary>The entry of a location, or of an address; false when there is none, or its time is over.</summary>
    public bool TryFind(string? location, string peer, [NotNullWhen(true)] out AddressEntry? entry)
    {
        lock (_lock)
        {
            entry = (location ?? _byPeer.GetValueOrDefault(peer)) is { } place ? _byLocation.GetValueOrDefault(place) : null;
        }

        return entry is not null && entry.ExpiresAt > _time.GetUtcNow();
    }

    /// <summary>Enters a device in place of the entry that it had. Null when there is no room.</summary>
    public async ValueTask<AddressEntry?> EnterAsync(DeviceId device, string peer, TimeSpan lifetime, CancellationToken cancellation)
    {
        AddressEntry entry;
        var replaced = new List<string>();
        lock (_lock)
        {
            if (_byDevice.TryGetValue(device, out var former))
            {
                replaced.Add(former);
            }
            else if (_byLocation.Count >= _settings.MaxAddresses)
            {
                replaced.AddRange(_byLocation.Values.Where(known => known.ExpiresAt <= _time.GetUtcNow()).Select(known => known.Location));
                if (replaced.Count == 0)
                {
                    return null;
                }
            }

            replaced.ForEach(Remove);
            entry = new AddressEntry(NewLocation(), device, peer, lifetime, ExpiryOf(lifetime));
            Put(entry);
        }

        await _store.SaveAsync(entry, replaced, cancellation);
        _log.Entered(device, peer, lifetime.TotalSeconds);
        return entry;
    }

    /// <summary>Renews an entry, from wherever its device speaks now. Null when it is gone meanwhile.</summary>
    public async ValueTask<AddressEntry?> RenewAsync(string location, string peer, TimeSpan? lifetime, CancellationToken cancellation)
    {
        AddressEntry renewed;
        lock (_lock)
        {
            if (!_byLocation.TryGetValue(location, out var entry))
            {
                return null;
            }

            Remove(location);
            renewed = entry with { Peer = peer, Lifetime = lifetime ?? entry.Lifetime, ExpiresAt = ExpiryOf(lifetime ?? entry.Lifetime) };
            Put(renewed);
        }

        await _store.SaveAsync(renewed, [], cancellation);
        return renewed;
    }

    /// <summary>Strikes an entry out.</summary>
    public async ValueTask EndAsync(string location, CancellationToken cancellation)
    {
        lock (_lock)
        {
            Remove(location);
        }

        await _store.DeleteAsync(location, cancellation);
    }

    private void Put(AddressEntry entry)
    {
        _byLocation[entry.Location] = entry;
        _byDevice[entry.Device] = entry.Location;
        _byPeer[entry.Peer] = entry.Location;
    }

    private void Remove(string location)
    {
        if (_byLocation.Remove(location, out var entry))
        {
            _byDevice.Remove(entry.Device);
            if (_byPeer.GetValueOrDefault(entry.Peer) == location)
            {
                _byPeer.Remove(entry.Peer);
            }
        }
    }

    // Short, for every renewal carries it; and not to be guessed, for whoever knows it may end the registration.
    private string NewLocation()
    {
        Span<byte> name = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(name, _random.NextInt64(long.MinValue, long.MaxValue));
        return Convert.ToHexStringLower(name);
    }

    private DateTimeOffset ExpiryOf(TimeSpan lifetime)
    {
        var now = _time.GetUtcNow();
        return lifetime < DateTimeOffset.MaxValue - now ? now + lifetime : DateTimeOffset.MaxValue;
    }
}
