using Microsoft.Extensions.Caching.Memory;

namespace Gateway.Devices;

/// <summary>Knows every device: those that speak from memory, the others from the store.</summary>
internal sealed class DeviceDirectory(IDeviceStore store, ProfileCatalog profiles, DeviceSettings settings, Sightings sightings, TimeProvider time, ILogger<DeviceDirectory> log)
    : IDisposable
{
    // A provisioning and an admin's edit of the same device must not overtake each other. So many stripes that new devices, which wait for the disk
    // in their stripes, make up several whole groups of the store's writes.
    private readonly SemaphoreSlim[] _writing = [.. Enumerable.Range(0, 1024).Select(_ => new SemaphoreSlim(1, 1))];
    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = settings.CacheSize });
    private volatile DeviceSettings _settings = settings;

    /// <summary>Raised after a device was saved or deleted, on the thread that did it.</summary>
    public event Action<DeviceId>? Changed;

    /// <summary>Raised after a device that was held was let in, on the thread that did it.</summary>
    public event Action? Approved;

    /// <summary>From now on these are the limits. The cache keeps its size.</summary>
    public void Use(DeviceSettings settings) => _settings = settings;

    public async ValueTask<Device?> FindAsync(DeviceId id, CancellationToken cancellation)
    {
        if (_cache.TryGetValue(id, out Device? known))
        {
            return known;
        }

        var stored = await store.FindAsync(id, cancellation);
        return stored is null ? null : Remember(stored);
    }

    /// <summary>A device with when it spoke last, which the one of <see cref="FindAsync"/> does not know.</summary>
    public async ValueTask<Device?> DescribeAsync(DeviceId id, CancellationToken cancellation) =>
        await store.FindAsync(id, cancellation) is { } stored ? sightings.Complete(stored) : null;

    /// <summary>Devices in the order of their ids, each with when it spoke last.</summary>
    public ValueTask<DeviceSlice> ListAsync(DeviceQuery query, CancellationToken cancellation) => store.ListAsync(
        query.After, query.Limit, query.State, sightings.Complete, query.TakesAll ? null : device => query.Takes(device, profiles), cancellation);

    /// <summary>Lets a device in that has just spoken: the known one, or, as the profile says, a new one.</summary>
    public async ValueTask<Admission> AdmitAsync(DeviceId id, string profileName, CancellationToken cancellation)
    {
        if (await FindAsync(id, cancellation) is { } known)
        {
            return Admit(known);
        }

        var policy = profiles.Find(profileName)?.UnknownDevices ?? UnknownDevicePolicy.Reject;
        if (policy is UnknownDevicePolicy.Reject)
        {
            return new Admission(AdmissionOutcome.Rejected, null);
        }

        using var turn = await WriteTurnAsync(id, cancellation);
        if (await FindAsync(id, cancellation) is { } meanwhile)
        {
            return Admit(meanwhile);
        }

        var held = policy is UnknownDevicePolicy.Hold;
        if (held && await store.CountAsync(DeviceState.Held, cancellation) >= _settings.MaxHeld)
        {
            return new Admission(AdmissionOutcome.NoRoom, null);
        }

        var now = time.GetUtcNow();
        var device = new Device { Id = id, Profile = profileName, State = held ? DeviceState.Held : DeviceState.Active, CreatedAt = now, UpdatedAt = now };
        await store.SaveAsync(device, cancellation);
        log.Admitted(id, profileName, held ? "held for approval" : "registered");
        return Admit(Remember(device));
    }

    /// <summary>The same for who has found the device already.</summary>
    public Admission Admit(Device known)
    {
        if (known.State is not DeviceState.Rejected)
        {
            sightings.Note(known.Id);
        }

        return Admission.Of(known);
    }

    /// <summary>Saves a device: <paramref name="edit"/> gets the present one, or null, and gives the new one, or null to leave it.</summary>
    public async ValueTask<Device?> EditAsync(DeviceId id, Func<Device?, DateTimeOffset, Device?> edit, CancellationToken cancellation)
    {
        using var turn = await WriteTurnAsync(id, cancellation);
        var present = await FindAsync(id, cancellation);
        var edited = edit(present, time.GetUtcNow());
        if (edited is null)
        {
            return null;
        }

        var isApproval = present is { State: DeviceState.Held } && edited.State is DeviceState.Active;
        await (isApproval ? store.ApproveAsync(edited, present!.CreatedAt, cancellation) : store.SaveAsync(edited, cancellation));
        Remember(edited);
        Changed?.Invoke(id);
        if (isApproval)
        {
            Approved?.Invoke();
        }

        return edited;
    }

    /// <summary>To be called when a frame of a held device is on disk: had the device been let in meanwhile, nobody would read it.</summary>
    public async ValueTask HeldFrameIsKeptAsync(DeviceId id, DateTimeOffset receivedAt, CancellationToken cancellation)
    {
        if (await FindAsync(id, cancellation) is { State: DeviceState.Active })
        {
            using var turn = await WriteTurnAsync(id, cancellation);
            if (await FindAsync(id, cancellation) is { State: DeviceState.Active } device)
            {
                await store.ApproveAsync(device, receivedAt, cancellation);
                Approved?.Invoke();
            }
        }
    }

    /// <summary>Forgets a device, unless <paramref name="mayGo"/> is against it; false when there was none, or it stays.</summary>
    public async ValueTask<bool> DeleteAsync(DeviceId id, Func<Device?, bool> mayGo, CancellationToken cancellation)
    {
        using var turn = await WriteTurnAsync(id, cancellation);
        if (!mayGo(await FindAsync(id, cancellation)))
        {
            return false;
        }

        var deleted = await store.DeleteAsync(id, cancellation);
        _cache.Remove(id);
        Changed?.Invoke(id);
        return deleted;
    }

    /// <summary>Adds those of the devices that are not known yet; says how many that were.</summary>
    public ValueTask<int> ImportAsync(IReadOnlyCollection<Device> devices, CancellationToken cancellation) =>
        store.InsertMissingAsync(devices, cancellation);

    public void Dispose()
    {
        _cache.Dispose();
        foreach (var stripe in _writing)
        {
            stripe.Dispose();
        }
    }

    private Device Remember(Device device) => _cache.Set(device.Id, device, new MemoryCacheEntryOptions { Size = 1 });

    private async ValueTask<WriteTurn> WriteTurnAsync(DeviceId id, CancellationToken cancellation)
    {
        var stripe = _writing[(uint)id.GetHashCode() % (uint)_writing.Length];
        await stripe.WaitAsync(cancellation);
        return new WriteTurn(stripe);
    }

    private readonly struct WriteTurn(SemaphoreSlim stripe) : IDisposable
    {
        public void Dispose() => stripe.Release();
    }
}

internal enum AdmissionOutcome
{
    Active,
    Held,
    Rejected,

    /// <summary>Unknown, and already as many devices are held as may be.</summary>
    NoRoom,
}

internal readonly record struct Admission(AdmissionOutcome Outcome, Device? Device)
{
    public static Admission Of(Device device) => device.State switch
    {
        DeviceState.Held => new(AdmissionOutcome.Held, device),
        DeviceState.Rejected => new(AdmissionOutcome.Rejected, null),
        _ => new(AdmissionOutcome.Active, device),
    };
}
