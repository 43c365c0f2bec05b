namespace Gateway.Scripting;

/// <summary>Whose fault it is that a script gave no result.</summary>
internal enum ScriptFailureKind
{
    /// <summary>The bytes are not what the device should have sent: the script said so, or a protobuf message in them is broken.</summary>
    InvalidPayload,

    /// <summary>The command's payload is not what the command takes: the script said so.</summary>
    InvalidCommand,

    /// <summary>Anything else: the script itself is at fault.</summary>
    Fault,

    /// <summary>The script took more time, memory or stack than a call may take, and was stopped.</summary>
    LimitExceeded,
}

/// <summary>Why a script gave no result. It holds texts only: a kept exception would keep an unloaded script in memory.</summary>
/// <param name="Kind">Whose fault it is.</param>
/// <param name="Message">What the script said; for a fault the exception's type and message, and the script's line.</param>
internal sealed record ScriptFailure(ScriptFailureKind Kind, string Message);
