using Gateway.Devices;
using LiteDB;

namespace Gateway.Storage;

/// <summary>The keys of devices in LiteDB, sealed: <c>{ _id: identity, device, keys: [[sealed, created_at, valid_until]] }</c>, times as milliseconds since 1970 UTC.</summary>
internal sealed class LiteDbDeviceKeyStore(LiteDbStore store, SecretBox box) : IDeviceKeyStore
{
    public IReadOnlyList<DeviceKeys> Load() => store.Read(database => Keys(database).FindAll().Select(FromDocument).ToArray());

    public async ValueTask SaveAsync(IReadOnlyCollection<DeviceKeys> keys, CancellationToken cancellation)
    {
        BsonDocument[] documents = [.. keys.Select(ToDocument)];
        await store.WriteAsync(database => Keys(database).Upsert(documents), cancellation);
    }

    public async ValueTask DeleteAsync(string identity, CancellationToken cancellation) =>
        await store.WriteAsync(database => Keys(database).Delete(identity), cancellation);

    private static ILiteCollection<BsonDocument> Keys(ILiteDatabase database) => database.GetCollection("dtls_keys");

    private BsonDocument ToDocument(DeviceKeys keys) => new()
    {
        ["_id"] = keys.Identity,
        ["device"] = keys.Device.ToString(),
        ["keys"] = new BsonArray(keys.Keys.Select(key => new BsonArray(
            box.Seal(key.Secret, keys.Identity),
            key.CreatedAt.ToUnixTimeMilliseconds(),
            key.ValidUntil is { } until ? new BsonValue(until.ToUnixTimeMilliseconds()) : BsonValue.Null))),
    };

    private DeviceKeys FromDocument(BsonDocument document)
    {
        var identity = document["_id"].AsString;
        return new DeviceKeys(identity, DeviceId.Parse(document["device"].AsString), [.. document["keys"].AsArray.Select(key => FromValue(key.AsArray, identity))]);
    }

    private DeviceKey FromValue(BsonArray key, string identity) => new(
        box.Open(key[0].AsBinary, identity),
        DateTimeOffset.FromUnixTimeMilliseconds(key[1].AsInt64),
        key[2].IsNull ? null : DateTimeOffset.FromUnixTimeMilliseconds(key[2].AsInt64));
}
