using System.Text;
using Gateway.Commands;
using Gateway.Devices;
using LiteDB;

namespace Gateway.Storage;

/// <summary>Runs in LiteDB: the caller's request as JSON, times as milliseconds since 1970 UTC, and what the run has come to.</summary>
internal sealed class LiteDbCommandRunStore(LiteDbStore store) : ICommandRunStore
{
    private const string Collection = "runs";

    public IReadOnlyList<(CommandRun Run, RunCounts Counts)> Load() => store.Read(database =>
        database.GetCollection(Collection).FindAll().Select(Read).ToArray().Select(run => (run, store.History.Runs.Of(run.Id))).ToArray());

    public async ValueTask SaveAsync(CommandRun run, CancellationToken cancellation) =>
        await store.WriteAsync(database => database.GetCollection(Collection).Upsert(ToDocument(run)), cancellation);

    public async ValueTask DeleteAsync(string runId, CancellationToken cancellation) =>
        await store.WriteAsync(
            database =>
            {
                store.History.Runs.Forget(runId);
                return database.GetCollection(Collection).Delete(runId);
            },
            cancellation);

    private static BsonDocument ToDocument(CommandRun run) => new()
    {
        ["_id"] = run.Id,
        ["request"] = Encoding.UTF8.GetString(run.Request.ToJson()),
        ["state"] = run.State.ToString(),
        ["reason"] = run.Reason,
        ["created_at"] = CommandDocument.Milliseconds(run.CreatedAt),
        ["updated_at"] = CommandDocument.Milliseconds(run.UpdatedAt),
        ["ended_at"] = run.EndedAt is { } ended ? CommandDocument.Milliseconds(ended) : BsonValue.Null,
        ["total"] = run.Total is { } total ? total : BsonValue.Null,
        ["after"] = run.After.ToString(),
        ["through"] = run.IsThrough,
        ["taken"] = run.Taken,
        ["refused"] = run.Refused,
        ["refusals"] = new BsonArray(run.Refusals.Select(refusal => new BsonArray(new BsonValue[] { refusal.DeviceId, refusal.Problem }))),
        ["forgiven"] = new BsonArray(new BsonValue[] { run.Forgiven.Judged, run.Forgiven.Failed }),
    };

    private static CommandRun Read(BsonDocument document) => new()
    {
        Id = document["_id"].AsString,
        Request = RunRequest.OfJson(Encoding.UTF8.GetBytes(document["request"].AsString)),
        State = Enum.Parse<RunState>(document["state"].AsString),
        Reason = document["reason"].IsNull ? null : document["reason"].AsString,
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(document["created_at"].AsInt64),
        UpdatedAt = DateTimeOffset.FromUnixTimeMilliseconds(document["updated_at"].AsInt64),
        EndedAt = document["ended_at"].IsNull ? null : DateTimeOffset.FromUnixTimeMilliseconds(document["ended_at"].AsInt64),
        Total = document["total"].IsNull ? null : document["total"].AsInt32,
        After = DeviceId.TryParse(document["after"].AsString, out var after) ? after : DeviceId.None,
        IsThrough = document["through"].AsBoolean,
        Taken = document["taken"].AsInt32,
        Refused = document["refused"].AsInt32,
        Refusals = [.. document["refusals"].AsArray.Select(refusal => new RunRefusal(refusal[0].AsString, refusal[1].AsString))],
        Forgiven = (document["forgiven"][0].AsInt32, document["forgiven"][1].AsInt32),
    };
}
