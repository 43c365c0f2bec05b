namespace Gateway.Devices;

/// <summary>Where the entries of the <see cref="AddressBook"/> outlive a restart. A write is on disk when its task completes.</summary>
internal interface IAddressStore
{
    IReadOnlyList<AddressEntry> All();

    /// <summary>Saves an entry, and deletes those at other locations.</summary>
    ValueTask SaveAsync(AddressEntry entry, IReadOnlyCollection<string> deleted, CancellationToken cancellation);

    ValueTask DeleteAsync(string location, CancellationToken cancellation);
}
