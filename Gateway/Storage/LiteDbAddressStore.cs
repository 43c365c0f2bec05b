using System.Globalization;
using Gateway.Devices;
using LiteDB;

namespace Gateway.Storage;

/// <summary>The addresses of devices that registered, in LiteDB.</summary>
internal sealed class LiteDbAddressStore(LiteDbStore store) : IAddressStore
{
    public IReadOnlyList<AddressEntry> All() => store.Read(database => Addresses(database).FindAll().Select(FromDocument).ToArray());

    public async ValueTask SaveAsync(AddressEntry entry, IReadOnlyCollection<string> deleted, CancellationToken cancellation) =>
        await store.WriteAsync(
            database =>
            {
                var addresses = Addresses(database);
                foreach (var location in deleted)
                {
                    addresses.Delete(location);
                }

                return addresses.Upsert(ToDocument(entry));
            },
            cancellation);

    public async ValueTask DeleteAsync(string location, CancellationToken cancellation) =>
        await store.WriteAsync(database => Addresses(database).Delete(location), cancellation);

    private static ILiteCollection<BsonDocument> Addresses(ILiteDatabase database) => database.GetCollection("addresses");

    // LiteDB's own times have no more than milliseconds, and come back in the machine's zone.
    private static BsonDocument ToDocument(AddressEntry entry) => new()
    {
        ["_id"] = entry.Location,
        ["device"] = entry.Device.ToString(),
        ["peer"] = entry.Peer,
        ["lifetime_seconds"] = (long)entry.Lifetime.TotalSeconds,
        ["expires_at"] = entry.ExpiresAt.ToString("O", CultureInfo.InvariantCulture),
    };

    private static AddressEntry FromDocument(BsonDocument document) => new(
        document["_id"].AsString,
        DeviceId.Parse(document["device"].AsString),
        document["peer"].AsString,
        TimeSpan.FromSeconds(document["lifetime_seconds"].AsInt64),
        DateTimeOffset.Parse(document["expires_at"].AsString, CultureInfo.InvariantCulture));
}
