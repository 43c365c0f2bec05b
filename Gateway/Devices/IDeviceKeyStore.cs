namespace Gateway.Devices;

/// <summary>Where the keys of devices are kept. A write is on disk when its task completes.</summary>
internal interface IDeviceKeyStore
{
    /// <summary>All of them.</summary>
    IReadOnlyList<DeviceKeys> Load();

    /// <summary>Adds or replaces the keys of identities, all or none.</summary>
    ValueTask SaveAsync(IReadOnlyCollection<DeviceKeys> keys, CancellationToken cancellation);

    ValueTask DeleteAsync(string identity, CancellationToken cancellation);
}
