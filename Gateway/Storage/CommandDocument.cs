using System.Text;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Journal;
using LiteDB;

namespace Gateway.Storage;

/// <summary>
/// A command as LiteDB keeps it: what is looked up or changes as fields, the caller's request as JSON, times as milliseconds since 1970 UTC,
/// and its steps after the first as an array of arrays: <c>[state, at, attempt, reason]</c>.
/// </summary>
internal static class CommandDocument
{
    public static BsonDocument Of(QueuedCommand command) => new()
    {
        ["_id"] = command.RequestId,
        ["device"] = command.Device.ToString(),
        ["type"] = command.CommandType,
        ["profile"] = command.Profile,
        ["run"] = command.RunId,
        ["priority"] = command.Priority,
        ["dedup_key"] = command.DedupKey,
        ["confirm"] = (int)command.Confirm,
        ["max_attempts"] = command.MaxAttempts,
        ["not_before"] = Time(command.NotBefore),
        ["expires_at"] = Time(command.ExpiresAt),
        ["order"] = command.Order,
        ["last_step"] = command.LastStep,
        ["state"] = command.State.Name(),
        ["ended_at"] = command.IsActive ? BsonValue.Null : Milliseconds(command.UpdatedAt),
        ["attempts"] = command.Attempts,
        ["created_at"] = Milliseconds(command.CreatedAt),
        ["updated_at"] = Milliseconds(command.UpdatedAt),
        ["sent_at"] = Time(command.SentAt),
        ["sent_in"] = command is { SentIn: { } message, IsActive: true } ? SentIn(message) : BsonValue.Null,
        ["pushed"] = command.IsPushed,
        ["path"] = command.Path,
        ["reason"] = command.Reason,
        ["request"] = Encoding.UTF8.GetString(command.Request.Span),
        ["steps"] = new BsonArray(command.Later.Select(step => new BsonArray(new BsonValue[] { (int)step.State, Milliseconds(step.At), step.Attempt, step.Reason }))),
    };

    public static QueuedCommand Read(BsonDocument document) => new()
    {
        RequestId = document["_id"].AsString,
        Device = DeviceId.Parse(document["device"].AsString),
        CommandType = TextCache.Of(document["type"].AsString),
        Profile = TextCache.Of(document["profile"].AsString),
        RunId = Text(document["run"]),
        Priority = document["priority"].AsInt32,
        DedupKey = Text(document["dedup_key"]) is { } key ? TextCache.Of(key) : null,
        Confirm = (CommandConfirm)document["confirm"].AsInt32,
        MaxAttempts = document["max_attempts"].AsInt32,
        NotBefore = Time(document["not_before"]),
        ExpiresAt = Time(document["expires_at"]),
        Order = document["order"].AsInt64,
        LastStep = document["last_step"].AsInt64,
        State = StateOf(document),
        Attempts = document["attempts"].AsInt32,
        CreatedAt = Time(document["created_at"])!.Value,
        UpdatedAt = Time(document["updated_at"])!.Value,
        SentAt = Time(document["sent_at"]),
        SentIn = document["sent_in"] is { IsDocument: true } message ? SentIn(message) : null,
        IsPushed = document["pushed"] is { IsBoolean: true, AsBoolean: true },
        Path = Text(document["path"]),
        Reason = Text(document["reason"]),
        Request = Encoding.UTF8.GetBytes(document["request"].AsString),
        Later = [.. document["steps"].AsArray.Select(Step)],
    };

    public static CommandState StateOf(BsonDocument document) => Enum.Parse<CommandState>(document["state"].AsString, ignoreCase: true);

    public static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static BsonDocument SentIn(SentMessage message) => new()
    {
        ["path"] = message.Path,
        ["payload"] = message.Payload.ToArray(),
        ["digest"] = SentMessage.BytesOf(message.Digest),
        ["answer"] = message.Answer.ToArray(),
    };

    // The last two are younger than the document.
    private static SentMessage SentIn(BsonValue message) => new(message["path"].AsString, message["payload"].AsBinary)
    {
        Digest = SentMessage.DigestOf(message["digest"].AsBinary),
        Answer = message["answer"].AsBinary,
    };

    private static CommandEvent Step(BsonValue step) =>
        new((CommandState)step[0].AsInt32, Time(step[1])!.Value, step[2].AsInt32, Text(step[3]));

    private static BsonValue Time(DateTimeOffset? time) => time is { } at ? Milliseconds(at) : BsonValue.Null;

    private static DateTimeOffset? Time(BsonValue value) => value.IsNull ? null : DateTimeOffset.FromUnixTimeMilliseconds(value.AsInt64);

    private static string? Text(BsonValue value) => value.IsNull ? null : value.AsString;
}
