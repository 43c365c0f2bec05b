namespace Gateway.Devices;

/// <summary>Where devices are kept. A write is on disk when its task completes.</summary>
internal interface IDeviceStore
{
    ValueTask<Device?> FindAsync(DeviceId id, CancellationToken cancellation);

    /// <summary>
    /// The devices behind <paramref name="after"/> in the order of their ids (ordinal), at most <paramref name="limit"/> of them, and fewer when
    /// many had to be looked at for them.
    /// </summary>
    /// <param name="after">The last id of the page before, or none.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="state">Only those in this state; null for any.</param>
    /// <param name="complete">Adds to a device what is not stored.</param>
    /// <param name="takes">Whether a device, completed, is to be listed; null for all.</param>
    /// <param name="cancellation">Ends it.</param>
    ValueTask<DeviceSlice> ListAsync(
        DeviceId after, int limit, DeviceState? state, Func<Device, Device> complete, Func<Device, bool>? takes, CancellationToken cancellation);

    ValueTask<int> CountAsync(DeviceState state, CancellationToken cancellation);

    /// <summary>Adds those that are not there yet; says how many that were.</summary>
    ValueTask<int> InsertMissingAsync(IReadOnlyCollection<Device> devices, CancellationToken cancellation);

    /// <summary>Saves all of it but when it was seen last.</summary>
    ValueTask SaveAsync(Device device, CancellationToken cancellation);

    /// <summary>Saves when devices were seen last. Of a device that was not there then nothing is ever told.</summary>
    ValueTask SaveSightingsAsync(IReadOnlyCollection<KeyValuePair<DeviceId, DateTimeOffset>> sightings, CancellationToken cancellation);

    /// <summary>Saves a device that was held and is let in, and with it that its frames from an instant on are to be read: both or neither.</summary>
    ValueTask ApproveAsync(Device device, DateTimeOffset heldSince, CancellationToken cancellation);

    /// <summary>Approvals whose frames are still to be read, at most <paramref name="limit"/> of them.</summary>
    ValueTask<IReadOnlyList<Approval>> ApprovalsAsync(int limit, CancellationToken cancellation);

    /// <summary>Forgets approvals, unless there is a newer one of the same device.</summary>
    ValueTask SettleAsync(IReadOnlyCollection<Approval> approvals, CancellationToken cancellation);

    /// <summary>False when there was none.</summary>
    ValueTask<bool> DeleteAsync(DeviceId id, CancellationToken cancellation);
}

/// <summary>Some devices.</summary>
/// <param name="Devices">Maybe none, although there are more.</param>
/// <param name="Next">What to go on behind; none at the end.</param>
internal sealed record DeviceSlice(IReadOnlyList<Device> Devices, DeviceId Next)
{
    /// <summary>The same with what a store does not have of each.</summary>
    public DeviceSlice Completed(Func<Device, Device> complete)
    {
        Device[] completed = [.. Devices.Select(complete)];
        return this with { Devices = completed };
    }
}

/// <summary>That a held device was let in.</summary>
/// <param name="Device">The device.</param>
/// <param name="HeldSince">Its first frame that was kept unread came then.</param>
/// <param name="Id">Tells it from another approval of the same device.</param>
internal sealed record Approval(DeviceId Device, DateTimeOffset HeldSince, string Id);
