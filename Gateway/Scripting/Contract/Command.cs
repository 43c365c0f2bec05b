using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Gateway.Scripting.Contract;

/// <summary>A command for a device, as a script's <c>format_command</c> gets it. Its JSON form is what the management API takes.</summary>
public sealed record Command
{
    /// <summary>The caller's own id of the command, or the one that the gateway made.</summary>
    public required string RequestId { get; init; }

    /// <summary>The device that the command is for.</summary>
    public required string DeviceId { get; init; }

    /// <summary>What is to be done, in the script's own words, such as <c>config_update</c>.</summary>
    public required string CommandType { get; init; }

    /// <summary>The command's arguments: a JSON object, empty when the caller gave none.</summary>
    public JsonElement Payload { get; init; } = EmptyObject;

    /// <summary>The script that is to encode this command instead of the device's own; null for the device's own.</summary>
    public string? ParserScriptRef { get; init; }

    /// <summary>What the caller wants to have kept with the command.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Higher goes first; commands of the same priority go in the order in which they were queued. 0 by default.</summary>
    public int Priority { get; init; }

    /// <summary>When the command loses its sense; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The last time that it went out; null as long as it never did.</summary>
    public CommandSending? LastSent { get; init; }

    /// <summary>Whether the payload has this member with another value than null.</summary>
    public bool Has(string name) => Member(name) is not null;

    /// <summary>A member of the payload as a text; null when it is missing.</summary>
    /// <exception cref="CommandException">It is not a string, or one with half a character.</exception>
    public string? GetString(string name) => Member(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => Text(name, value),
        { } value => throw Mistyped(name, "a string", value),
    };

    /// <summary>A member of the payload as a truth value; null when it is missing.</summary>
    /// <exception cref="CommandException">It is not true or false.</exception>
    public bool? GetBoolean(string name) => Member(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } value => throw Mistyped(name, "true or false", value),
    };

    /// <summary>A member of the payload as a whole number within the bounds, both included; null when it is missing.</summary>
    /// <exception cref="CommandException">It is not a whole number, or out of the bounds.</exception>
    public long? GetInteger(string name, long minimum = long.MinValue, long maximum = long.MaxValue) => Member(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt64(out var number) && number >= minimum && number <= maximum => number,
        { } value => throw Mistyped(name, string.Create(CultureInfo.InvariantCulture, $"a whole number from {minimum} to {maximum}"), value),
    };

    private static readonly JsonElement EmptyObject = JsonElement.Parse("{}");

    private JsonElement? Member(string name) =>
        Payload.ValueKind == JsonValueKind.Object && Payload.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    // JSON can write half a character ("\ud800"), and a string of .NET can't be made of it.
    private static string Text(string name, JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new CommandException($"payload.{name} is no text: a character in it is only half there");
        }
    }

    private static CommandException Mistyped(string name, string expected, JsonElement value) =>
        new($"payload.{name} must be {expected}, not {value.GetRawText()}");
}

/// <summary>Thrown by a script's <c>format_command</c> when the command's payload is not what the command takes. The message is shown to the caller.</summary>
/// <param name="message">What is wrong, where, and what is expected.</param>
public sealed class CommandException(string message) : Exception(message);
