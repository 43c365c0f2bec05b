using Gateway.Commands;
using LiteDB;

namespace Gateway.Storage;

/// <summary>Commands in LiteDB.</summary>
internal sealed class LiteDbCommandStore(LiteDbStore store) : ICommandStore
{
    // A page by state walks along the commands; it gives up after so many, and the next page goes on from there.
    private const int MaxWalked = 5000;

    // No command in the file has a higher order. Of the store's thread alone; null before the first write, and after a failed one as high as can be.
    private long? _highest;

    public ValueTask<StorePosition> PositionAsync(CancellationToken cancellation) => store.ReadAsync(LiteDbSchema.PositionOf, cancellation);

    public async ValueTask LoadActiveAsync(Action<QueuedCommand> take, CancellationToken cancellation) => await store.ReadAsync(
        database =>
        {
            foreach (var document in Commands(database).Find(BsonExpression.Create("$.ended_at = @0", BsonValue.Null)))
            {
                cancellation.ThrowIfCancellationRequested();
                take(CommandDocument.Read(document));
            }

            return true;
        },
        cancellation);

    public ValueTask<QueuedCommand?> FindAsync(string requestId, CancellationToken cancellation) =>
        store.ReadAsync(database => Commands(database).FindById(requestId) is { } document ? CommandDocument.Read(document) : null, cancellation);

    public ValueTask<CommandPage> ListAsync(CommandQuery query, CancellationToken cancellation) => store.ReadAsync(database => List(Commands(database), query), cancellation);

    public async ValueTask ApplyAsync(IReadOnlyCollection<QueuedCommand> commands, StorePosition position, CancellationToken cancellation) =>
        await store.WriteAsync(
            database =>
            {
                var collection = Commands(database);
                var counts = new LiteDbRunCounts(database);
                var highest = _highest ?? HighestOf(collection);
                _highest = long.MaxValue;
                var fresh = new List<BsonDocument>(commands.Count);
                foreach (var command in commands)
                {
                    if (Apply(collection, command, command.Order > highest, counts) is { } document)
                    {
                        fresh.Add(document);
                    }

                    highest = Math.Max(highest, command.Order);
                }

                // All with one call: each call looks up anew what it needs of the collection.
                collection.Insert(fresh);
                _highest = highest;
                counts.Save();
                LiteDbSchema.Save(database, position);
                return commands.Count;
            },
            cancellation);

    public ValueTask<int> ForgetEndedAsync(DateTimeOffset before, int limit, CancellationToken cancellation) => store.WriteAsync(
        database =>
        {
            var collection = Commands(database);
            var old = EndedBefore(collection, before).Limit(limit).ToEnumerable().Select(document => document["_id"]).ToArray();
            return old.Count(id => collection.Delete(id));
        },
        cancellation);

    private static CommandPage List(ILiteCollection<BsonDocument> commands, CommandQuery query)
    {
        var found = query.Device.IsNone
            ? commands.Query().Where(BsonExpression.Create("$.order < @0", query.Before)).OrderByDescending("order").ToEnumerable()
            : commands.Find(BsonExpression.Create("$.device = @0", query.Device.ToString())).Where(document => document["order"].AsInt64 < query.Before)
                .OrderByDescending(document => document["order"].AsInt64);
        var page = new List<QueuedCommand>();
        var (walked, last) = (0, 0L);
        foreach (var document in found)
        {
            if (page.Count == query.Limit || walked == MaxWalked)
            {
                return new CommandPage(page, last);
            }

            (walked, last) = (walked + 1, document["order"].AsInt64);
            if ((query.State is not { } state || document["state"].AsString == state.Name()) && (query.RunId is not { } run || document["run"] == run))
            {
                page.Add(CommandDocument.Read(document));
            }
        }

        return new CommandPage(page, null);
    }

    // Of two comparisons LiteDB takes one for the index and reads a document for each that it finds: of all that have not ended, whose null is the least.
    internal static ILiteQueryable<BsonDocument> EndedBefore(ILiteCollection<BsonDocument> commands, DateTimeOffset before) =>
        commands.Query().Where(BsonExpression.Create("$.ended_at BETWEEN @0 AND @1", 0L, CommandDocument.Milliseconds(before) - 1));

    // A step that the store has already, from before a crash, changes nothing. To look for a command costs half of what a write does.
    // What is to be inserted is given back.
    private static BsonDocument? Apply(ILiteCollection<BsonDocument> collection, QueuedCommand command, bool isNew, LiteDbRunCounts counts)
    {
        var known = isNew ? null : collection.FindById(command.RequestId);
        if (known is null)
        {
            counts.Count(command, null);
            return CommandDocument.Of(command);
        }

        if (known["last_step"].AsInt64 < command.LastStep)
        {
            collection.Update(CommandDocument.Of(command));
            counts.Count(command, CommandDocument.StateOf(known));
        }

        return null;
    }

    private static long HighestOf(ILiteCollection<BsonDocument> commands) =>
        commands.Query().OrderByDescending("order").Limit(1).ToEnumerable().Select(document => document["order"].AsInt64).FirstOrDefault(long.MinValue);

    private static ILiteCollection<BsonDocument> Commands(ILiteDatabase database) => database.GetCollection(LiteDbSchema.Commands);
}
