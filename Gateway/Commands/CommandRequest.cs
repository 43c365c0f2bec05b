using System.Collections.Immutable;
using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Devices;
using Gateway.Scripting.Contract;

namespace Gateway.Commands;

/// <summary>A command as a caller writes it: the one model for every way in.</summary>
internal sealed record CommandRequest
{
    public const int DefaultMaxAttempts = 5;

    /// <summary>How long a request may be, in bytes, whichever way it comes.</summary>
    public const int MaxBytes = 1024 * 1024;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        NumberHandling = JsonNumberHandling.Strict,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    [Description("The caller's id for the command; the gateway makes one when it is missing. The same id with the same command gives the first result again, with another command it is refused.")]
    public string? RequestId { get; init; }

    [Description("The device that the command is for; it must be known.")]
    public string? DeviceId { get; init; }

    [Description("What is to be done, in the words of the device's script, such as config_update.")]
    public string? CommandType { get; init; }

    [Description("The command's arguments: a JSON object.")]
    public JsonElement? Payload { get; init; }

    [Description("A script to encode this command instead of the device's own.")]
    public string? ParserScriptRef { get; init; }

    [Description("Whatever the caller wants to have kept with the command.")]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    [Description("Higher goes first; 0 when missing. Commands of the same priority go in the order of their arrival.")]
    public int? Priority { get; init; }

    [Description("The command is not sent before.")]
    public DateTimeOffset? NotBefore { get; init; }

    [Description("When the command loses its sense: it is not sent after.")]
    public DateTimeOffset? ExpiresAt { get; init; }

    [Description("The same in seconds from now.")]
    public double? Ttl { get; init; }

    [Description("How often it may be sent until there is evidence that it has arrived, 1 to 100; 5 when missing.")]
    public int? MaxAttempts { get; init; }

    [Description("A name for what the command is about: a newer command for the same device with the same key takes the place of one that still waits.")]
    public string? DedupKey { get; init; }

    [Description("What counts as evidence: sent (none is asked for), next_message (the device speaks again) or script (what the script's confirm reads in the device's messages). When missing, what the device's profile says.")]
    public CommandConfirm? Confirm { get; init; }

    /// <summary>Reads a request; null with what is wrong when it is none, or says what cannot be.</summary>
    /// <param name="json">UTF-8, from whoever.</param>
    /// <param name="problem">What is wrong with its form, with the place.</param>
    public static CommandRequest? Read(ReadOnlySpan<byte> json, out CommandProblem? problem)
    {
        problem = null;
        try
        {
            if (JsonSerializer.Deserialize<CommandRequest>(json, Json) is { } request)
            {
                return request;
            }

            problem = new("$", "a command is a JSON object, not null");
        }
        catch (JsonException e)
        {
            problem = new(e.Path ?? "$", JsonProblem.Explain(e));
        }

        return null;
    }

    /// <summary>Reads what <see cref="ToJson"/> has written.</summary>
    public static CommandRequest OfJson(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize<CommandRequest>(json, Json)!;

    /// <summary>The request as it is kept; what is missing is left out.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>What is wrong with it, by the JSON path of the member.</summary>
    public IEnumerable<CommandProblem> Problems(DateTimeOffset now) => CommandRules.ProblemsOf(this, now);

    /// <summary>When it expires; null for never.</summary>
    public DateTimeOffset? ExpiryFrom(DateTimeOffset now) => Ttl is { } seconds ? now + TimeSpan.FromSeconds(seconds) : ExpiresAt;

    /// <summary>Whether it asks for the same as another, whose id it has.</summary>
    public bool IsSameAs(ReadOnlySpan<byte> other)
    {
        var (mine, theirs) = (JsonElement.Parse(ToJson()), JsonElement.Parse(other));
        return JsonElement.DeepEquals(mine, theirs);
    }

    /// <summary>The command that this request describes. Only for one without problems.</summary>
    public Command ToCommand(string requestId)
    {
        var command = new Command
        {
            RequestId = requestId,
            DeviceId = DeviceId!,
            CommandType = CommandType!,
            ParserScriptRef = ParserScriptRef,
            Metadata = Metadata ?? ImmutableDictionary<string, string>.Empty,
            Priority = Priority ?? 0,
            ExpiresAt = ExpiresAt,
        };
        return Payload is { ValueKind: JsonValueKind.Object } payload ? command with { Payload = payload.Clone() } : command;
    }
}

/// <summary>What is wrong with a command.</summary>
/// <param name="Path">The JSON path of the member.</param>
/// <param name="Message">What is wrong with it, and what is expected.</param>
/// <param name="IsOfScript">Whether it is no fault of the command: its script has no working version, and may have one soon.</param>
internal sealed record CommandProblem(string Path, string Message, bool IsOfScript = false);
