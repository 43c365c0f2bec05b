using Gateway.Commands;
using Gateway.Devices;
using Gateway.Scripting.Contract;
using LiteDB;

namespace Gateway.Storage;

/// <summary>Commands in LiteDB: what is looked up and what changes as fields, the command itself as JSON.</summary>
internal sealed class LiteDbCommandStore : ICommandStore
{
    private readonly LiteDbStore _store;

    public LiteDbCommandStore(LiteDbStore store)
    {
        _store = store;
        var commands = Commands(store.Database);
        commands.EnsureIndex("device");
        commands.EnsureIndex("ended");
        commands.EnsureIndex("order");
    }

    public ValueTask<IReadOnlyList<QueuedCommand>> LoadLiveAsync(CancellationToken cancellation)
    {
        IReadOnlyList<QueuedCommand> live =
            [.. Commands(_store.Database).Find(BsonExpression.Create("$.ended = @0", false)).Select(FromDocument).OrderBy(command => command.Order)];
        return ValueTask.FromResult(live);
    }

    public ValueTask<long> LastOrderAsync(CancellationToken cancellation)
    {
        var last = Commands(_store.Database).Query().OrderByDescending("order").FirstOrDefault();
        return ValueTask.FromResult(last is null ? 0 : last["order"].AsInt64);
    }

    public ValueTask<QueuedCommand?> FindAsync(string requestId, CancellationToken cancellation) =>
        ValueTask.FromResult(Commands(_store.Database).FindById(requestId) is { } document ? FromDocument(document) : null);

    public ValueTask<IReadOnlyList<QueuedCommand>> ListAsync(DeviceId device, int limit, CancellationToken cancellation)
    {
        IReadOnlyList<QueuedCommand> found =
        [
            .. Commands(_store.Database).Find(BsonExpression.Create("$.device = @0", device.ToString()))
                .Select(FromDocument).OrderByDescending(command => command.Order).Take(limit),
        ];
        return ValueTask.FromResult(found);
    }

    public async ValueTask SaveAsync(IReadOnlyCollection<QueuedCommand> commands, CancellationToken cancellation) =>
        await _store.WriteAsync(database => Commands(database).Upsert(commands.Select(ToDocument)), cancellation);

    public ValueTask<int> DeleteEndedAsync(DateTimeOffset before, CancellationToken cancellation) =>
        _store.WriteAsync(
            database => Commands(database).DeleteMany(BsonExpression.Create("$.ended = @0 AND $.updated_at < @1", true, before.UtcDateTime)),
            cancellation);

    private static ILiteCollection<BsonDocument> Commands(ILiteDatabase database) => database.GetCollection("commands");

    private static BsonDocument ToDocument(QueuedCommand command) => new()
    {
        ["_id"] = command.RequestId,
        ["device"] = command.Device.ToString(),
        ["order"] = command.Order,
        ["state"] = command.State.ToString(),
        ["ended"] = command.State.IsEnd(),
        ["attempts"] = command.Attempts,
        ["created_at"] = command.CreatedAt.UtcDateTime,
        ["updated_at"] = command.UpdatedAt.UtcDateTime,
        ["sent_at"] = command.SentAt?.UtcDateTime,
        ["reason"] = command.Reason,
        ["command"] = System.Text.Json.JsonSerializer.Serialize(command.Command, StoredJson.Options),
    };

    private static QueuedCommand FromDocument(BsonDocument document) => new()
    {
        Command = System.Text.Json.JsonSerializer.Deserialize<Command>(document["command"].AsString, StoredJson.Options)!,
        Device = DeviceId.Parse(document["device"].AsString),
        Order = document["order"].AsInt64,
        State = Enum.Parse<CommandState>(document["state"].AsString),
        Attempts = document["attempts"].AsInt32,
        CreatedAt = Utc(document["created_at"]),
        UpdatedAt = Utc(document["updated_at"]),
        SentAt = document["sent_at"].IsNull ? null : Utc(document["sent_at"]),
        Reason = document["reason"].IsNull ? null : document["reason"].AsString,
    };

    // LiteDB hands times out in the machine's zone.
    private static DateTimeOffset Utc(BsonValue value) => new(value.AsDateTime.ToUniversalTime());
}
