using Gateway.Commands;
using LiteDB;

namespace Gateway.Storage;

/// <summary>
/// Commands in LiteDB while they wait or are under way, and in the <see cref="CommandHistory"/> when they have ended. Both are looked at, and the
/// history has the last word: LiteDB may have a command still that has ended there.
/// </summary>
internal sealed class LiteDbCommandStore(LiteDbStore store) : ICommandStore
{
    // The order of each command that waits or is under way in LiteDB, for whoever writes; null before it is known, and after a failure.
    private HashSet<long>? _active;

    public ValueTask<StorePosition> PositionAsync(CancellationToken cancellation) => store.ReadAsync(LiteDbSchema.PositionOf, cancellation);

    public async ValueTask LoadActiveAsync(Action<QueuedCommand> take, CancellationToken cancellation)
    {
        var active = new HashSet<long>();
        var ended = await store.ReadAsync(
            database =>
            {
                var left = new List<string>();
                foreach (var command in ActiveIn(database).Select(CommandDocument.Read))
                {
                    cancellation.ThrowIfCancellationRequested();
                    if (store.History.Commands.Has(command.RequestId))
                    {
                        left.Add(command.RequestId);
                        continue;
                    }

                    active.Add(command.Order);
                    take(command);
                }

                return left;
            },
            cancellation);

        if (ended.Count > 0)
        {
            // A crash between the two files has left them.
            await store.WriteAsync(database => ended.Count(id => Commands(database).Delete(id)), cancellation);
        }

        _active = active;
    }

    public ValueTask<QueuedCommand?> FindAsync(string requestId, CancellationToken cancellation) => store.ReadAsync(
        database => store.History.Commands.Find(requestId) ?? (Commands(database).FindById(requestId) is { } document ? CommandDocument.Read(document) : null), cancellation);

    public ValueTask<CommandPage> ListAsync(CommandQuery query, CancellationToken cancellation) =>
        store.ReadAsync(database => Together(store.History.Commands.List(query), List(Commands(database), query), query.Limit), cancellation);

    public async ValueTask ApplyAsync(IReadOnlyCollection<QueuedCommand> commands, CancellationToken cancellation)
    {
        // What a write has changed before it failed is wrong: with its next try it is read anew.
        var known = Interlocked.Exchange(ref _active, null);
        _active = await store.WriteAsync(
            database =>
            {
                var active = Interlocked.Exchange(ref known, null) ?? [.. ActiveIn(database).Select(document => document["order"].AsInt64)];
                Apply(Commands(database), commands, active);
                return active;
            },
            cancellation);
    }

    public async ValueTask FollowedAsync(StorePosition position, CancellationToken cancellation) => await store.WriteAsync(
        database =>
        {
            store.History.Sync();
            LiteDbSchema.Save(database, position);
            return true;
        },
        cancellation);

    public ValueTask<int> ForgetEndedAsync(DateTimeOffset before, int limit, CancellationToken cancellation) => store.WriteAsync(
        database =>
        {
            // Those that ended before there was a history.
            var collection = Commands(database);
            var old = EndedBefore(collection, before).Limit(limit).ToEnumerable().Select(document => document["_id"]).ToArray();
            var forgotten = old.Count(id => collection.Delete(id));
            return forgotten + store.History.Commands.Forget(before, limit - forgotten);
        },
        cancellation);

    // Those that wait or are under way, as far as LiteDB knows.
    private static IEnumerable<BsonDocument> ActiveIn(ILiteDatabase database) => Commands(database).Find(BsonExpression.Create("$.ended_at = @0", BsonValue.Null));

    // Of two comparisons LiteDB takes one for the index and reads a document for each that it finds: of all that have not ended, whose null is the least.
    internal static ILiteQueryable<BsonDocument> EndedBefore(ILiteCollection<BsonDocument> commands, DateTimeOffset before) =>
        commands.Query().Where(BsonExpression.Create("$.ended_at BETWEEN @0 AND @1", 0L, CommandDocument.Milliseconds(before) - 1));

    private void Apply(ILiteCollection<BsonDocument> collection, IReadOnlyCollection<QueuedCommand> commands, HashSet<long> active)
    {
        var ended = commands.Where(command => !command.IsActive).ToArray();
        store.History.Commands.Save(ended);
        var gone = ended.Where(command => active.Remove(command.Order)).ToArray();
        if (gone.Length > 0)
        {
            // Before it is nowhere else.
            store.History.Sync();
            foreach (var command in gone)
            {
                collection.Delete(command.RequestId);
            }
        }

        // All that are new with one call: each call looks up anew what it needs of the collection.
        BsonDocument[] fresh = [.. commands.Where(command => command.IsActive && IsNew(collection, command, active)).Select(CommandDocument.Of)];
        if (fresh.Length > 0)
        {
            collection.Insert(fresh);
        }
    }

    // One that is there is brought up to date. A step that the store has already, from before a crash, changes nothing.
    private bool IsNew(ILiteCollection<BsonDocument> collection, QueuedCommand command, HashSet<long> active)
    {
        if (!active.Contains(command.Order))
        {
            return !store.History.Commands.Has(command.RequestId) && active.Add(command.Order);
        }

        if (collection.FindById(command.RequestId)["last_step"].AsInt64 < command.LastStep)
        {
            collection.Update(CommandDocument.Of(command));
        }

        return false;
    }

    private static CommandPage List(ILiteCollection<BsonDocument> commands, CommandQuery query)
    {
        var found = query.Device.IsNone
            ? commands.Query().Where(BsonExpression.Create("$.order < @0", query.Before)).OrderByDescending("order").ToEnumerable()
            : commands.Find(BsonExpression.Create("$.device = @0", query.Device.ToString())).Where(document => document["order"].AsInt64 < query.Before)
                .OrderByDescending(document => document["order"].AsInt64);
        return CommandPages.Take(
            found, query, document => document["order"].AsInt64, CommandDocument.StateOf, document => document["run"].AsString, CommandDocument.Read);
    }

    // Each of the two says how far down it has looked; below that only the other one knows.
    private static CommandPage Together(CommandPage history, CommandPage active, int limit)
    {
        var seen = Math.Max(history.Next ?? long.MinValue, active.Next ?? long.MinValue);
        QueuedCommand[] all = [.. history.Commands.Concat(active.Commands).Where(command => command.Order >= seen).DistinctBy(command => command.RequestId).OrderByDescending(command => command.Order)];
        return all.Length > limit ? new CommandPage(all[..limit], all[limit - 1].Order)
            : new CommandPage(all, seen == long.MinValue ? null : seen);
    }

    private static ILiteCollection<BsonDocument> Commands(ILiteDatabase database) => database.GetCollection(LiteDbSchema.Commands);
}
