using System.Collections.Immutable;
using System.ComponentModel;
using System.Text.Json;
using Gateway.Scripting.Contract;

namespace Gateway.Commands;

/// <summary>A command as a caller writes it: the one model for every way in.</summary>
internal sealed record CommandDocument
{
    public const int MaxRequestIdLength = 128;

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

    [Description("When the command loses its sense; it expires if it has not been sent by then.")]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What is wrong with it, by the JSON path of the member.</summary>
    public IEnumerable<CommandProblem> Problems(DateTimeOffset now)
    {
        if (RequestId is { } id && (id.Length is 0 or > MaxRequestIdLength || id.Any(c => char.IsControl(c) || c == '/')))
        {
            yield return new("request_id", $"a request_id is 1 to {MaxRequestIdLength} characters, without '/' and control characters");
        }

        if (!Devices.DeviceId.TryParse(DeviceId, out _))
        {
            yield return new("device_id", Devices.DeviceId.Problem(DeviceId));
        }

        if (string.IsNullOrWhiteSpace(CommandType))
        {
            yield return new("command_type", "a command needs a command_type");
        }

        if (Payload is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null or JsonValueKind.Undefined) })
        {
            yield return new("payload", "the payload must be a JSON object");
        }
        else if (Payload is { ValueKind: JsonValueKind.Object } payload && !IsWellFormed(payload))
        {
            yield return new("payload", "the payload has a text that is no Unicode: half of a surrogate pair, such as \"\\ud800\"");
        }

        // The serializer lets null pass as an element, whatever the type says.
        if (Metadata?.Values.Any(value => value is null) is true)
        {
            yield return new("metadata", "a value of the metadata must be a text, not null");
        }

        if (ExpiresAt <= now)
        {
            yield return new("expires_at", $"expires_at is in the past: it is {now:O}");
        }
    }

    // The parser takes "\ud800" for good; reading it as a text throws.
    private static bool IsWellFormed(JsonElement payload)
    {
        try
        {
            return TextsOf(payload).All(text => text is not null);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static IEnumerable<string?> TextsOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => TextsOf(member.Value).Prepend(member.Name)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(TextsOf),
        JsonValueKind.String => [value.GetString()],
        _ => [],
    };

    /// <summary>The command that this document describes. Only for one without problems.</summary>
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
internal sealed record CommandProblem(string Path, string Message);
