using Gateway.Devices;

namespace Gateway.Commands;

internal static partial class CommandLog
{
    [LoggerMessage(1500, LogLevel.Information, "command {RequestId} ({CommandType}) for device {Device}: {State}{Reason}")]
    public static partial void Stepped(this ILogger log, string requestId, string commandType, DeviceId device, string state, string reason);

    [LoggerMessage(1501, LogLevel.Warning, "device {Device} goes on with its old script and configuration: {Problem}")]
    public static partial void RefreshFailed(this ILogger log, DeviceId device, string problem);

    [LoggerMessage(1502, LogLevel.Error, "ended commands could not be swept; the next sweep tries again")]
    public static partial void SweepFailed(this ILogger log, Exception exception);

    [LoggerMessage(1503, LogLevel.Information, "{Waiting} commands wait for their devices")]
    public static partial void Loaded(this ILogger log, int waiting);

    [LoggerMessage(1504, LogLevel.Information, "{Added} of {Total} devices of {File} are new and were registered")]
    public static partial void Imported(this ILogger log, int added, int total, string file);

    [LoggerMessage(1505, LogLevel.Error, "{File}({Line}): {Problem}; the line was left out")]
    public static partial void ImportProblem(this ILogger log, string file, int line, string problem);

    [LoggerMessage(1507, LogLevel.Error, "devices.import_path: {File} can't be read, so none of its devices is registered: {Problem}")]
    public static partial void ImportUnreadable(this ILogger log, string file, string problem);

    [LoggerMessage(1506, LogLevel.Error, "registration at start failed; devices are registered when they speak")]
    public static partial void StartFailed(this ILogger log, Exception exception);
}
