using Gateway.Devices;
using LiteDB;

namespace Gateway.Storage;

/// <summary>Devices in LiteDB: the id, what is looked up, and the rest as JSON in the same words as the management API.</summary>
internal sealed class LiteDbDeviceStore : IDeviceStore
{
    private readonly LiteDbStore _store;

    public LiteDbDeviceStore(LiteDbStore store)
    {
        _store = store;
        Devices(store.Database).EnsureIndex("state");
    }

    public ValueTask<Device?> FindAsync(DeviceId id, CancellationToken cancellation) =>
        ValueTask.FromResult(Devices(_store.Database).FindById(id.ToString()) is { } document ? FromDocument(document) : null);

    public ValueTask<IReadOnlyList<Device>> ListAsync(DeviceId after, int limit, DeviceState? state, CancellationToken cancellation)
    {
        // Parameters, not text: LiteDB compiles and keeps a tree for each text that it has not seen.
        var behind = BsonExpression.Create("$._id > @0", after.ToString());
        var found = Devices(_store.Database).Query().Where(behind);
        if (state is { } wanted)
        {
            found = found.Where(BsonExpression.Create("$.state = @0", wanted.ToString()));
        }

        IReadOnlyList<Device> devices = [.. found.OrderBy("_id").Limit(limit).ToEnumerable().Select(FromDocument)];
        return ValueTask.FromResult(devices);
    }

    public ValueTask<int> CountAsync(DeviceState state, CancellationToken cancellation) =>
        ValueTask.FromResult(Devices(_store.Database).Count(BsonExpression.Create("$.state = @0", state.ToString())));

    public ValueTask<int> InsertMissingAsync(IReadOnlyCollection<Device> devices, CancellationToken cancellation) =>
        _store.WriteAsync(
            database =>
            {
                var collection = Devices(database);
                return collection.InsertBulk(devices.Where(device => collection.FindById(device.Id.ToString()) is null).Select(ToDocument).ToList());
            },
            cancellation);

    public async ValueTask SaveAsync(Device device, CancellationToken cancellation) =>
        await _store.WriteAsync(database => Devices(database).Upsert(ToDocument(device)), cancellation);

    public ValueTask<bool> DeleteAsync(DeviceId id, CancellationToken cancellation) =>
        _store.WriteAsync(database => Devices(database).Delete(id.ToString()), cancellation);

    private static ILiteCollection<BsonDocument> Devices(ILiteDatabase database) => database.GetCollection("devices");

    private static BsonDocument ToDocument(Device device) => new()
    {
        ["_id"] = device.Id.ToString(),
        ["state"] = device.State.ToString(),
        ["token"] = device.Token is { } token ? token.ToStored() : BsonValue.Null,
        ["device"] = System.Text.Json.JsonSerializer.Serialize(DeviceDocument.Of(device), StoredJson.Options),
    };

    private static Device FromDocument(BsonDocument document)
    {
        var stored = System.Text.Json.JsonSerializer.Deserialize<DeviceDocument>(document["device"].AsString, StoredJson.Options)!;
        return stored.ToDevice(stored.CreatedAt ?? default, stored.UpdatedAt ?? default, DeviceToken.OfStored(document["token"].AsString));
    }
}
