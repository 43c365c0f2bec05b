using System.Collections.Concurrent;
using Gateway.Coap.Dtls;

namespace Gateway.Devices;

/// <summary>The keys of all devices, in memory: a handshake does not wait for a disk. Methods may be called from any thread.</summary>
internal sealed class DeviceKeyRing : IDtlsKeys, IDisposable
{
    private readonly IDeviceKeyStore _store;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentDictionary<string, DeviceKeys> _byIdentity = new(StringComparer.Ordinal);

    public DeviceKeyRing(IDeviceKeyStore store, TimeProvider time)
    {
        (_store, _time) = (store, time);
        foreach (var keys in store.Load())
        {
            _byIdentity[keys.Identity] = keys;
        }
    }

    /// <summary>Raised after an identity has lost its keys, or those of before, on the thread that took them.</summary>
    public event Action<string>? Revoked;

    /// <summary>How many identities there are.</summary>
    public int Count => _byIdentity.Count;

    public IReadOnlyList<PreSharedKey> Find(string identity)
    {
        if (!_byIdentity.TryGetValue(identity, out var known))
        {
            return [];
        }

        var now = _time.GetUtcNow();
        var owner = known.Device.ToString();
        return [.. known.Keys.Where(key => !key.HasEnded(now)).Select(key => new PreSharedKey(owner, key.Secret))];
    }

    /// <summary>The identities of a device, in their order.</summary>
    public IReadOnlyList<DeviceKeys> Of(DeviceId device) =>
        [.. _byIdentity.Values.Where(keys => keys.Device == device).OrderBy(keys => keys.Identity, StringComparer.Ordinal)];

    /// <summary>Gives devices new keys, all or none. Where the keys of before end at once, so do the sessions that began with them.</summary>
    /// <param name="wanted">The identities, each once, with the new key as their only one.</param>
    /// <param name="overlap">How long the keys of before stay valid.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The identities that belong to other devices; none when the keys are kept.</returns>
    public async ValueTask<IReadOnlyList<DeviceKeys>> RenewAsync(IReadOnlyCollection<DeviceKeys> wanted, TimeSpan overlap, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            var taken = wanted.Select(keys => _byIdentity.GetValueOrDefault(keys.Identity))
                .Zip(wanted, (present, keys) => present is not null && present.Device != keys.Device ? present : null)
                .OfType<DeviceKeys>().ToList();
            if (taken.Count > 0)
            {
                return taken;
            }

            var until = _time.GetUtcNow() + overlap;
            DeviceKeys[] renewed = [.. wanted.Select(keys =>
                _byIdentity.TryGetValue(keys.Identity, out var present) ? present.Renewed(keys.Keys[0], until) : keys)];
            await _store.SaveAsync(renewed, cancellation);
            Array.ForEach(renewed, keys => _byIdentity[keys.Identity] = keys);
        }
        finally
        {
            _writing.Release();
        }

        if (overlap == TimeSpan.Zero)
        {
            foreach (var keys in wanted)
            {
                Revoked?.Invoke(keys.Identity);
            }
        }

        return [];
    }

    /// <summary>Takes an identity's keys; false when the device has no such identity.</summary>
    public async ValueTask<bool> RevokeAsync(DeviceId device, string identity, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            if (!_byIdentity.TryGetValue(identity, out var present) || present.Device != device)
            {
                return false;
            }

            await _store.DeleteAsync(identity, cancellation);
            _byIdentity.TryRemove(identity, out _);
        }
        finally
        {
            _writing.Release();
        }

        Revoked?.Invoke(identity);
        return true;
    }

    public void Dispose() => _writing.Dispose();
}
