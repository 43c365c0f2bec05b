using Gateway.Commands;
using Gateway.Devices;
using LiteDB;

namespace Gateway.Storage;

/// <summary>What stands in the LiteDB file, in which version, and how an older one becomes a new one.</summary>
//
//   devices    what DeviceDocument says, and the state as an index; when the device was seen last
//   approvals  { _id: "cellar", since: ticks, approval: "..." }     devices that were let in, and whose frames are still to be read
//   commands   CommandDocument, of those that wait or are under way; those that ended before version 3, too, until they are forgotten
//   addresses  where devices that registered are known, see LiteDbAddressStore
//   meta       { _id: "schema", version: 3 }
//              { _id: "commands", journal: "3f2a9c01b7d4e658", epoch: 1, sequence: 12345 }     how far the journal has been followed
//   runs       LiteDbCommandRunStore
//   starts     see LiteDbStore
//
internal static class LiteDbSchema
{
    public const int Version = 3;
    public const string Devices = "devices";
    public const string Commands = "commands";

    private const string Meta = "meta";
    private const int Batch = 1000;

    /// <summary>The version of a file; 0 for a new one, and 1 for one from before there was a number.</summary>
    public static int VersionOf(ILiteDatabase database) =>
        database.GetCollection(Meta).FindById("schema") is { } schema ? schema["version"].AsInt32
        : database.CollectionExists(Devices) || database.CollectionExists(Commands) ? 1
        : 0;

    /// <summary>Refuses what this gateway does not know.</summary>
    /// <exception cref="StorageException">A newer gateway has written it.</exception>
    public static void Check(ILiteDatabase database, string path)
    {
        if (VersionOf(database) is > Version and var version)
        {
            throw new StorageException($"the store {path} has version {version}, and this gateway knows only versions up to {Version}: run the gateway that wrote it, or name another file in storage.path");
        }
    }

    /// <summary>Brings a file up to date, in batches, each of them whole: what a crash leaves is gone on with at the next start.</summary>
    public static void Ensure(ILiteDatabase database, HistoryFile history)
    {
        var version = VersionOf(database);
        if (version == 1)
        {
            FromVersion1(database);
        }

        if (version < 3)
        {
            FromVersion2(database, history);
        }

        if (version < Version)
        {
            database.GetCollection(Meta).Upsert(new BsonDocument { ["_id"] = "schema", ["version"] = Version });
        }

        // Only what is looked up has an index, for each costs a page with every write. When a command ended is null while it has not.
        database.GetCollection(Devices).EnsureIndex("state");
        var commands = database.GetCollection(Commands);
        commands.EnsureIndex("device");
        commands.EnsureIndex("order");
        commands.EnsureIndex("ended_at");
    }

    /// <summary>How far the journal has been followed.</summary>
    public static StorePosition PositionOf(ILiteDatabase database) => database.GetCollection(Meta).FindById(Commands) is { } position
        ? new StorePosition(position["journal"].AsString, position["epoch"].AsInt32, position["sequence"].AsInt64)
        : new StorePosition("", 0, 0);

    /// <summary>Saves it, in the open transaction.</summary>
    public static void Save(ILiteDatabase database, StorePosition position) => database.GetCollection(Meta).Upsert(new BsonDocument
    {
        ["_id"] = Commands,
        ["journal"] = position.Journal,
        ["epoch"] = position.Epoch,
        ["sequence"] = position.Sequence,
    });

    // Version 1 had the command as the script sees it, and no history. What came before the journal knew of commands stays before it.
    private static void FromVersion1(ILiteDatabase database)
    {
        var commands = database.GetCollection(Commands);
        commands.DropIndex("ended");
        var old = BsonExpression.Create("$.ended = @0 OR $.ended = @1", true, false);
        for (var documents = commands.Find(old, limit: Batch).ToArray(); documents.Length > 0; documents = commands.Find(old, limit: Batch).ToArray())
        {
            database.BeginTrans();
            commands.Update(documents.Select(FromVersion1));
            database.Commit();
        }

        Save(database, new StorePosition("", 1, 0));
    }

    // Version 2 had the counts of runs, and no history beside it. What waits is counted where it stands.
    private static void FromVersion2(ILiteDatabase database, HistoryFile history)
    {
        history.Runs.TakeOver([.. database.GetCollection("run_counts").FindAll().Select(document => (document["_id"].AsString, CountsOf(document["counts"].AsArray)))]);
        database.DropCollection("run_counts");
    }

    private static RunCounts CountsOf(BsonArray states)
    {
        var counts = default(RunCounts);
        foreach (var (state, count) in states.Index())
        {
            counts = counts.With((CommandState)state, count.AsInt32);
        }

        return counts;
    }

    private static BsonDocument FromVersion1(BsonDocument old)
    {
        var request = CommandRequest.OfJson(System.Text.Encoding.UTF8.GetBytes(old["command"].AsString));
        return CommandDocument.Of(new QueuedCommand
        {
            RequestId = old["_id"].AsString,
            Device = DeviceId.Parse(old["device"].AsString),
            CommandType = request.CommandType!,
            Request = request.ToJson(),
            Priority = request.Priority ?? 0,
            ExpiresAt = request.ExpiresAt,
            Order = old["order"].AsInt64,
            LastStep = old["order"].AsInt64,
            State = Enum.Parse<CommandState>(old["state"].AsString),
            Attempts = old["attempts"].AsInt32,
            CreatedAt = Utc(old["created_at"]),
            UpdatedAt = Utc(old["updated_at"]),
            SentAt = old["sent_at"].IsNull ? null : Utc(old["sent_at"]),
            Reason = old["reason"].IsNull ? null : old["reason"].AsString,
        });
    }

    // LiteDB hands times out in the machine's zone.
    private static DateTimeOffset Utc(BsonValue value) => new(value.AsDateTime.ToUniversalTime());
}
