using System.Collections.Immutable;

namespace Gateway.Scripting;

/// <summary>A function that the gateway calls in a script, and what it must look like. All are called synchronously, and from several threads.</summary>
/// <param name="Name">As it is written in the script.</param>
/// <param name="Required">Whether a script must have it.</param>
/// <param name="Signature">How to declare it, for the messages.</param>
/// <param name="Parameters">For each parameter the types that it may be declared with; one past <paramref name="MinimumParameters"/> may be left out.</param>
/// <param name="MinimumParameters">How many parameters it must take.</param>
/// <param name="Results">The types of which its result must be one, or must implement one.</param>
internal sealed record ScriptFunction(
    string Name, bool Required, string Signature, ImmutableArray<ImmutableArray<string>> Parameters, int MinimumParameters, ImmutableArray<string> Results)
{
    private const string Contract = "global::Gateway.Scripting.Contract.";
    private static readonly ImmutableArray<string> Payload = ["global::System.ReadOnlySpan<byte>", "global::System.ReadOnlyMemory<byte>", "byte[]"];
    private static readonly ImmutableArray<string> Config = [Contract + "DeviceConfig"];
    private static readonly ImmutableArray<string> Request = [Contract + "UplinkRequest"];
    private static readonly ImmutableArray<string> Command = [Contract + "Command"];
    private static readonly ImmutableArray<string> WaitingCommands = [$"global::System.Collections.Generic.IReadOnlyList<{Contract}Command>"];

    /// <summary>Bytes from a device to readings.</summary>
    public static readonly ScriptFunction Parse = new(
        "parse", true, "IEnumerable<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config[, UplinkRequest request])",
        [Payload, Config, Request], 2, [$"global::System.Collections.Generic.IEnumerable<{Contract}Reading>"]);

    /// <summary>A command to bytes for a device; null when the script does not know the command's type.</summary>
    public static readonly ScriptFunction FormatCommand = new(
        "format_command", true, "byte[]? format_command(Command command, DeviceConfig config[, UplinkRequest? request])",
        [Command, Config, Request], 2, ["byte[]"]);

    /// <summary>Whose bytes these are; null when they do not say.</summary>
    public static readonly ScriptFunction Identify = new(
        "identify", false, "string? identify(ReadOnlySpan<byte> payload, UplinkRequest request)", [Payload, Request], 2, ["string"]);

    /// <summary>The token in a payload, by which a device proves who it is; null when there is none.</summary>
    public static readonly ScriptFunction CloudToken = new(
        "cloud_token", false, "string? cloud_token(ReadOnlySpan<byte> payload, UplinkRequest request)", [Payload, Request], 2, ["string"]);

    /// <summary>What to answer when no command is waiting; null for an empty answer.</summary>
    public static readonly ScriptFunction Respond = new(
        "respond", false, "UplinkResponse? respond(ReadOnlySpan<byte> payload, DeviceConfig config, UplinkRequest request)",
        [Payload, Config, Request], 3, [Contract + "UplinkResponse", "byte[]"]);

    /// <summary>What a device's message says of a command that was sent to it before.</summary>
    public static readonly ScriptFunction Confirm = new(
        "confirm", false, "CommandEvidence confirm(Command command, ReadOnlySpan<byte> payload, DeviceConfig config, UplinkRequest request)",
        [Command, Payload, Config, Request], 4, [Contract + "CommandEvidence"]);

    /// <summary>Whether a device's message says that its last exchange with the gateway failed.</summary>
    public static readonly ScriptFunction ExchangeFailed = new(
        "exchange_failed", false, "bool exchange_failed(ReadOnlySpan<byte> payload, DeviceConfig config, UplinkRequest request)",
        [Payload, Config, Request], 3, ["bool"]);

    /// <summary>Several commands to the bytes of one answer; null when they can't be merged.</summary>
    public static readonly ScriptFunction FormatCommands = new(
        "format_commands", false, "CommandBatch? format_commands(IReadOnlyList<Command> commands, DeviceConfig config[, UplinkRequest? request])",
        [WaitingCommands, Config, Request], 2, [Contract + "CommandBatch"]);

    /// <summary>The commands that the script knows.</summary>
    public static readonly ScriptFunction Commands = new(
        "commands", false, "IEnumerable<CommandDescription> commands()", [], 0, [$"global::System.Collections.Generic.IEnumerable<{Contract}CommandDescription>"]);

    /// <summary>All of them.</summary>
    public static readonly ImmutableArray<ScriptFunction> All = [Parse, FormatCommand, Identify, CloudToken, Respond, Confirm, ExchangeFailed, FormatCommands, Commands];
}
