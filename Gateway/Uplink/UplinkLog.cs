using Gateway.Devices;
using Gateway.Journal;

namespace Gateway.Uplink;

internal static partial class UplinkLog
{
    [LoggerMessage(1600, LogLevel.Debug, "{RequestId}: {Method} {Path} from {Peer}: device {Device}, {Outcome}, {Readings} readings")]
    public static partial void Kept(this ILogger log, string requestId, string method, string path, string peer, DeviceId device, FrameOutcome outcome, int readings);

    [LoggerMessage(1601, LogLevel.Debug, "{RequestId}: {Method} {Path} from {Peer} was refused as {Failure}: {Problem}")]
    public static partial void Refused(this ILogger log, string requestId, string method, string path, string peer, UplinkFailure failure, string problem);

    [LoggerMessage(1602, LogLevel.Warning, "{RequestId}: {Script} failed for device \"{Device}\": {Problem}; {Untold} more since it was last told of")]
    public static partial void ScriptFailed(this ILogger log, string requestId, string script, DeviceId device, string problem, int untold);

    [LoggerMessage(1603, LogLevel.Error, "{RequestId}: a frame from {Peer} could not be made durable; the device was told to come back. {Untold} more since it was last told of")]
    public static partial void NotDurable(this ILogger log, string requestId, string peer, int untold, Exception exception);

    [LoggerMessage(1604, LogLevel.Error, "{RequestId}: device {Device} is answered without a command, for something failed while the next one was looked for")]
    public static partial void CommandsUnavailable(this ILogger log, string requestId, DeviceId device, Exception exception);

    [LoggerMessage(1605, LogLevel.Debug, "{RequestId}: command {CommandRequestIds} goes out to device {Device}, {Bytes} bytes")]
    public static partial void CommandGoesOut(this ILogger log, string requestId, string commandRequestIds, DeviceId device, int bytes);

    [LoggerMessage(1610, LogLevel.Debug, "{RequestId}: a frame from {Peer} is not taken as its device's: {Reason}")]
    public static partial void Unproven(this ILogger log, string requestId, string peer, string reason);

    [LoggerMessage(1606, LogLevel.Debug, "{RequestId}: {Script} warned: {Warning}")]
    public static partial void ScriptWarned(this ILogger log, string requestId, string script, string warning);
}
