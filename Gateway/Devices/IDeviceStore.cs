namespace Gateway.Devices;

/// <summary>Where devices are kept. A write is on disk when its task completes.</summary>
internal interface IDeviceStore
{
    ValueTask<Device?> FindAsync(DeviceId id, CancellationToken cancellation);

    /// <summary>The devices behind <paramref name="after"/> in the order of their ids (ordinal), at most <paramref name="limit"/> of them.</summary>
    ValueTask<IReadOnlyList<Device>> ListAsync(DeviceId after, int limit, DeviceState? state, CancellationToken cancellation);

    ValueTask<int> CountAsync(DeviceState state, CancellationToken cancellation);

    /// <summary>Adds those that are not there yet; says how many that were.</summary>
    ValueTask<int> InsertMissingAsync(IReadOnlyCollection<Device> devices, CancellationToken cancellation);

    ValueTask SaveAsync(Device device, CancellationToken cancellation);

    /// <summary>False when there was none.</summary>
    ValueTask<bool> DeleteAsync(DeviceId id, CancellationToken cancellation);
}
