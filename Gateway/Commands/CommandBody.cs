using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Devices;
using Gateway.Journal;

namespace Gateway.Commands;

/// <summary>
/// Commands as records of the journal, and back. The record of <c>queued</c> has the whole command in its body, as JSON, so that the store
/// can be made anew from the journal; that of <c>sent</c> has the bytes that went out; the others have none.
/// <code>
/// {"request": {what the caller wrote}, "confirm": "script", "max_attempts": 5, "expires_at": "2026-01-02T03:04:05+00:00", "run_id": "spring"}
/// </code>
/// </summary>
internal static class CommandBody
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <summary>The record of a step.</summary>
    /// <param name="after">The command after it.</param>
    /// <param name="before">Where it stood; null for one that is new.</param>
    /// <param name="exchange">The gateway's id of the exchange that the step happened in; empty for none.</param>
    /// <param name="bytes">Of one that is sent, what goes out.</param>
    public static JournalRecord ToRecord(QueuedCommand after, CommandState? before, string exchange = "", ReadOnlyMemory<byte> bytes = default) => new()
    {
        Kind = JournalRecordKind.Command,
        ReceivedAt = after.UpdatedAt,
        DeviceId = after.Device.ToString(),
        RequestId = exchange,
        Profile = after.Profile,
        Error = after.Reason,
        Command = new CommandStep
        {
            CommandId = after.RequestId,
            CommandType = after.CommandType,
            State = (CommandStepState)after.State,
            From = (CommandStepState)(before ?? 0),
            Attempt = after.Attempts,
            Body = before is null ? Whole(after) : bytes,
            Message = after.State is CommandState.Sent ? SentMessage.BytesOf(after.SentIn?.Digest) : default,
        },
    };

    /// <summary>The command after a record: the known one where the record says that it is, or a new one. Null when nobody knows the command.</summary>
    /// <param name="known">The command as it was known before; null when it was not.</param>
    /// <param name="record">A record of a command.</param>
    /// <param name="order">The record's place in the order of all.</param>
    /// <param name="frame">The message of the same exchange; null for none.</param>
    public static QueuedCommand? Apply(QueuedCommand? known, JournalRecord record, long order, JournalRecord? frame)
    {
        if (record.Command is not { } step || known?.LastStep >= order)
        {
            return known;
        }

        if (step is { From: CommandStepState.None, State: CommandStepState.Queued })
        {
            return known ?? Read(record, step, order);
        }

        return known is null ? null : known.Moved((CommandState)step.State, record.ReceivedAt, step.Attempt, record.Error) with
        {
            LastStep = order,
            SentIn = step.State is CommandStepState.Sent ? SentMessage.Of(step, known.Confirm is CommandConfirm.Script ? frame : null) : known.SentIn,

            // What goes out in an exchange needs nothing more; what does not has to be acknowledged.
            IsPushed = step.State is CommandStepState.Sent ? record.RequestId.Length == 0 : known.IsPushed,
        };
    }

    private static byte[] Whole(QueuedCommand command) => JsonSerializer.SerializeToUtf8Bytes(
        new Body(JsonElement.Parse(command.Request.Span), command.Confirm, command.MaxAttempts, command.ExpiresAt, command.RunId), Json);

    // Null when it can't be read: a newer gateway may have written it.
    private static QueuedCommand? Read(JournalRecord record, CommandStep step, long order)
    {
        try
        {
            var body = JsonSerializer.Deserialize<Body>(step.Body.Span, Json)!;
            var json = JsonSerializer.SerializeToUtf8Bytes(body.Request, Json);
            return Of(CommandRequest.OfJson(json), json, step.CommandId, record.Profile, body.Confirm, body.ExpiresAt, record.ReceivedAt) with
            {
                MaxAttempts = body.MaxAttempts,
                RunId = body.RunId,
                Order = order,
                LastStep = order,
            };
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return null;
        }
    }

    /// <summary>A command that is new.</summary>
    public static QueuedCommand Of(
        CommandRequest request, byte[] json, string requestId, string profile, CommandConfirm confirm, DateTimeOffset? expiresAt, DateTimeOffset now) => new()
        {
            RequestId = requestId,
            Device = DeviceId.Parse(request.DeviceId!),
            CommandType = TextCache.Of(request.CommandType!),
            Profile = TextCache.Of(profile),
            Request = json,
            Priority = request.Priority ?? 0,
            DedupKey = request.DedupKey is { } key ? TextCache.Of(key) : null,
            Path = request.Metadata?.GetValueOrDefault(PushRequest.PathMember),
            Confirm = confirm,
            MaxAttempts = request.MaxAttempts ?? CommandRequest.DefaultMaxAttempts,
            NotBefore = request.NotBefore,
            ExpiresAt = expiresAt,
            CreatedAt = now,
            UpdatedAt = now,
        };

    private sealed record Body(JsonElement Request, CommandConfirm Confirm, int MaxAttempts, DateTimeOffset? ExpiresAt, string? RunId);
}
