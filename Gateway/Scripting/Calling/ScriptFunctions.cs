using Gateway.Scripting.Contract;

namespace Gateway.Scripting;

/// <summary>What can be called in a script, in one form whatever the script looks like: functions or a class. What is optional is null when the script does not have it.</summary>
internal sealed record ScriptFunctions
{
    /// <summary>Bytes from a device to readings.</summary>
    public required Func<ReadOnlyMemory<byte>, DeviceConfig, UplinkRequest, IEnumerable<Reading?>?> Parse { get; init; }

    /// <summary>A command to bytes.</summary>
    public required Func<Command, DeviceConfig, UplinkRequest?, byte[]?> FormatCommand { get; init; }

    /// <summary>Whose bytes these are.</summary>
    public Func<ReadOnlyMemory<byte>, UplinkRequest, string?>? Identify { get; init; }

    /// <summary>The token in the bytes.</summary>
    public Func<ReadOnlyMemory<byte>, UplinkRequest, string?>? CloudToken { get; init; }

    /// <summary>What to answer: an <see cref="UplinkResponse"/> or its payload.</summary>
    public Func<ReadOnlyMemory<byte>, DeviceConfig, UplinkRequest, object?>? Respond { get; init; }

    /// <summary>What became of a command.</summary>
    public Func<Command, ReadOnlyMemory<byte>, DeviceConfig, UplinkRequest, CommandEvidence>? Confirm { get; init; }

    /// <summary>Whether the device's last exchange failed.</summary>
    public Func<ReadOnlyMemory<byte>, DeviceConfig, UplinkRequest, bool>? ExchangeFailed { get; init; }

    /// <summary>Several commands to bytes.</summary>
    public Func<IReadOnlyList<Command>, DeviceConfig, UplinkRequest?, CommandBatch?>? FormatCommands { get; init; }

    /// <summary>Which commands there are.</summary>
    public Func<IEnumerable<CommandDescription?>?>? Commands { get; init; }
}
