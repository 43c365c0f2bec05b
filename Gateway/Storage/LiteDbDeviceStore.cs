using Gateway.Devices;
using LiteDB;

namespace Gateway.Storage;

/// <summary>
/// Devices in LiteDB: the id, what is looked up, and the rest as JSON in the same words as the management API. When they spoke last is in the
/// <see cref="SightingTable"/>.
/// </summary>
internal sealed class LiteDbDeviceStore(LiteDbStore store) : IDeviceStore
{
    // A page by label or profile walks along the devices; it gives up after so many, and the next page goes on from there.
    private const int MaxWalked = 5000;

    // Ticks of UTC. Where it was before there was a table, which has the last word: it was written later.
    private const string Seen = "seen";

    private readonly DevicePages _pages = new();

    public ValueTask<Device?> FindAsync(DeviceId id, CancellationToken cancellation) =>
        store.ReadAsync(database => Devices(database).FindById(id.ToString()) is { } document ? Read(document) : null, cancellation);

    public async ValueTask<DeviceSlice> ListAsync(
        DeviceId after, int limit, DeviceState? state, Func<Device, Device> complete, Func<Device, bool>? takes, CancellationToken cancellation)
    {
        var page = new DevicePage(after, limit, state);
        if (takes is not null)
        {
            return await store.ReadAsync(database => List(Devices(database), page, device => complete(device) is var whole && takes(whole) ? whole : null, cancellation), cancellation);
        }

        if (_pages.Find(page, complete, out var version) is { } kept)
        {
            return kept;
        }

        return await store.ReadAsync(
            database =>
            {
                var stored = List(Devices(database), page, device => device, cancellation);
                _pages.Keep(page, stored, version);
                return stored.Completed(complete);
            },
            cancellation);
    }

    public ValueTask<int> CountAsync(DeviceState state, CancellationToken cancellation) =>
        store.ReadAsync(database => Devices(database).Count(BsonExpression.Create("$.state = @0", state.ToString())), cancellation);

    public ValueTask<int> InsertMissingAsync(IReadOnlyCollection<Device> devices, CancellationToken cancellation) =>
        WriteAsync(
            database =>
            {
                var collection = Devices(database);
                Device[] missing = [.. devices.Where(device => collection.FindById(device.Id.ToString()) is null)];
                store.History.Sightings.Forget([.. missing.Select(device => device.Id)]);
                return collection.InsertBulk(missing.Select(ToDocument).ToList());
            },
            cancellation);

    public async ValueTask SaveAsync(Device device, CancellationToken cancellation) =>
        await WriteAsync(database => Save(database, device), cancellation);

    public async ValueTask SaveSightingsAsync(IReadOnlyCollection<KeyValuePair<DeviceId, DateTimeOffset>> sightings, CancellationToken cancellation)
    {
        await store.WriteAsync(
            _ =>
            {
                store.History.Sightings.Save(sightings);
                return true;
            },
            cancellation);
        _pages.Saw(sightings);
    }

    public async ValueTask ApproveAsync(Device device, DateTimeOffset heldSince, CancellationToken cancellation) =>
        await WriteAsync(
            database =>
            {
                var approvals = Approvals(database);
                var since = approvals.FindById(device.Id.ToString()) is { } before ? Math.Min(before["since"].AsInt64, heldSince.UtcTicks) : heldSince.UtcTicks;
                approvals.Upsert(new BsonDocument { ["_id"] = device.Id.ToString(), ["since"] = since, ["approval"] = Guid.NewGuid().ToString("N") });
                return Save(database, device);
            },
            cancellation);

    public ValueTask<IReadOnlyList<Approval>> ApprovalsAsync(int limit, CancellationToken cancellation) => store.ReadAsync<IReadOnlyList<Approval>>(
        database => [.. Approvals(database).Query().Limit(limit).ToEnumerable().Select(
            document => new Approval(DeviceId.Parse(document["_id"].AsString), new DateTimeOffset(document["since"].AsInt64, TimeSpan.Zero), document["approval"].AsString))],
        cancellation);

    public async ValueTask SettleAsync(IReadOnlyCollection<Approval> approvals, CancellationToken cancellation) =>
        await WriteAsync(
            database =>
            {
                var kept = Approvals(database);
                return approvals.Count(settled =>
                    kept.FindById(settled.Device.ToString()) is { } document && document["approval"].AsString == settled.Id && kept.Delete(document["_id"]));
            },
            cancellation);

    public ValueTask<bool> DeleteAsync(DeviceId id, CancellationToken cancellation) =>
        WriteAsync(
            database =>
            {
                store.History.Sightings.Forget([id]);
                return Devices(database).Delete(id.ToString());
            },
            cancellation);

    // Whatever has come of it, the pages may be others now, and are before whoever wrote it knows.
    private async ValueTask<T> WriteAsync<T>(Func<ILiteDatabase, T> write, CancellationToken cancellation)
    {
        try
        {
            return await store.WriteAsync(write, cancellation);
        }
        finally
        {
            _pages.Forget();
        }
    }

    private DeviceSlice List(
        ILiteCollection<BsonDocument> collection, DevicePage page, Func<Device, Device?> look, CancellationToken cancellation)
    {
        // Parameters, not text: LiteDB compiles and keeps a tree for each text that it has not seen.
        var found = collection.Query().Where(BsonExpression.Create("$._id > @0", page.After.ToString()));
        if (page.State is { } wanted and not DeviceState.Active)
        {
            // By the index of the states, and then sorted: for the few. Nearly all are active, and they are found on the way.
            found = found.Where(BsonExpression.Create("$.state = @0", wanted.ToString()));
        }

        var devices = new List<Device>();
        var (walked, last) = (0, DeviceId.None);
        foreach (var device in found.OrderBy("_id").ToEnumerable().Select(Read))
        {
            if (devices.Count == page.Limit || walked == MaxWalked)
            {
                return new DeviceSlice(devices, last);
            }

            cancellation.ThrowIfCancellationRequested();
            (walked, last) = (walked + 1, device.Id);
            if ((page.State is null || device.State == page.State) && look(device) is { } listed)
            {
                devices.Add(listed);
            }
        }

        return new DeviceSlice(devices, DeviceId.None);
    }

    private static ILiteCollection<BsonDocument> Devices(ILiteDatabase database) => database.GetCollection(LiteDbSchema.Devices);

    private static ILiteCollection<BsonDocument> Approvals(ILiteDatabase database) => database.GetCollection("approvals");

    private bool Save(ILiteDatabase database, Device device)
    {
        var devices = Devices(database);
        var document = ToDocument(device);
        if (devices.FindById(document["_id"]) is not { } before)
        {
            store.History.Sightings.Forget([device.Id]);
            return devices.Upsert(document);
        }

        document[Seen] = before[Seen];
        return devices.Update(document);
    }

    private Device Read(BsonDocument document)
    {
        var device = FromDocument(document);
        return store.History.Sightings.Find(device.Id) is { } seen ? device with { LastSeenAt = seen } : device;
    }

    private static BsonDocument ToDocument(Device device) => new()
    {
        ["_id"] = device.Id.ToString(),
        ["state"] = device.State.ToString(),
        ["token"] = device.Token is { } token ? token.ToStored() : BsonValue.Null,
        ["device"] = System.Text.Json.JsonSerializer.Serialize(DeviceDocument.Of(device) with { LastSeenAt = null }, StoredJson.Options),
    };

    private static Device FromDocument(BsonDocument document)
    {
        var stored = System.Text.Json.JsonSerializer.Deserialize<DeviceDocument>(document["device"].AsString, StoredJson.Options)!;
        return stored.ToDevice(stored.CreatedAt ?? default, stored.UpdatedAt ?? default, DeviceToken.OfStored(document["token"].AsString)) with
        {
            LastSeenAt = document[Seen] is { IsInt64: true } seen ? new DateTimeOffset(seen.AsInt64, TimeSpan.Zero) : null,
        };
    }
}
