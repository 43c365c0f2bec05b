namespace Gateway.Scripting.Contract;

/// <summary>
/// A parser script as a class, for those who prefer one to top-level functions. A script has exactly one such class, with a public constructor
/// without parameters, and none of the functions beside it. It is made once when the script is loaded, and called from several threads at once.
/// The methods with a body here are optional: one that a class does not have counts as absent, and the gateway never calls these bodies.
/// </summary>
public interface IDeviceParser
{
    /// <summary>Turns bytes from a device into readings; what <c>parse</c> is among functions.</summary>
    /// <param name="payload">The frame's payload; it is not the script's to keep after the call.</param>
    /// <param name="config">What the gateway knows of the device.</param>
    /// <param name="request">The CoAP request that brought the frame.</param>
    /// <returns>The readings, none when there is nothing to report; never null.</returns>
    /// <exception cref="InvalidPayloadException">The bytes are not what the device should have sent.</exception>
    IEnumerable<Reading> Parse(ReadOnlyMemory<byte> payload, DeviceConfig config, UplinkRequest request);

    /// <summary>Turns a command into bytes for a device; what <c>format_command</c> is among functions.</summary>
    /// <param name="command">The command.</param>
    /// <param name="config">What the gateway knows of the device.</param>
    /// <param name="request">The request whose answer is to carry the command; null when the command is only tried, as it is queued.</param>
    /// <returns>The bytes; null when the script does not know the command's type.</returns>
    /// <exception cref="CommandException">The command's payload is not what the command takes.</exception>
    byte[]? FormatCommand(Command command, DeviceConfig config, UplinkRequest? request);

    /// <summary>Tells whose bytes these are; what <c>identify</c> is among functions.</summary>
    /// <returns>The device's id; null when the payload does not say.</returns>
    /// <exception cref="InvalidPayloadException">The bytes are not what the device should have sent.</exception>
    string? Identify(ReadOnlyMemory<byte> payload, UplinkRequest request) => null;

    /// <summary>Finds the token by which a device proves who it is, where a profile asks for one; what <c>cloud_token</c> is among functions.</summary>
    /// <returns>The token; null or empty when the payload has none.</returns>
    /// <exception cref="InvalidPayloadException">The bytes are not what the device should have sent.</exception>
    string? CloudToken(ReadOnlyMemory<byte> payload, UplinkRequest request) => null;

    /// <summary>Tells what the device is answered when no command is waiting; what <c>respond</c> is among functions.</summary>
    /// <returns>The answer; null for an empty one.</returns>
    UplinkResponse? Respond(ReadOnlyMemory<byte> payload, DeviceConfig config, UplinkRequest request) => null;

    /// <summary>Looks in a device's message for evidence of what became of a command that was sent before it; what <c>confirm</c> is among functions.</summary>
    /// <param name="command">The command that was sent.</param>
    /// <param name="payload">The payload of the device's next message.</param>
    /// <param name="config">What the gateway knows of the device.</param>
    /// <param name="request">The request that brought the message.</param>
    CommandEvidence Confirm(Command command, ReadOnlyMemory<byte> payload, DeviceConfig config, UplinkRequest request) => CommandEvidence.Unknown;

    /// <summary>Tells whether a device's message says that its last exchange with the gateway failed, so that it has not had the answer; what <c>exchange_failed</c> is among functions.</summary>
    /// <param name="payload">The payload of the message.</param>
    /// <param name="config">What the gateway knows of the device.</param>
    /// <param name="request">The request that brought the message.</param>
    bool ExchangeFailed(ReadOnlyMemory<byte> payload, DeviceConfig config, UplinkRequest request) => false;

    /// <summary>Puts several waiting commands into one answer; what <c>format_commands</c> is among functions.</summary>
    /// <param name="commands">What is waiting, the first to go first.</param>
    /// <param name="config">What the gateway knows of the device.</param>
    /// <param name="request">The request whose answer is to carry them; null when they are only tried.</param>
    /// <returns>The bytes, and which of the commands they carry; null when these can't be merged.</returns>
    CommandBatch? FormatCommands(IReadOnlyList<Command> commands, DeviceConfig config, UplinkRequest? request) => null;

    /// <summary>Lists the commands that the script knows; what <c>commands</c> is among functions. Called once, when the script is loaded.</summary>
    IEnumerable<CommandDescription> Commands() => [];
}
