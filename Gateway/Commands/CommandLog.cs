using Gateway.Devices;

namespace Gateway.Commands;

internal static partial class CommandLog
{
    [LoggerMessage(1500, LogLevel.Debug, "command {RequestId} ({CommandType}) for device {Device}: {State}{Reason}")]
    public static partial void Stepped(this ILogger log, string requestId, string commandType, DeviceId device, string state, string reason);

    [LoggerMessage(1501, LogLevel.Warning, "device {Device} goes on with its old script and configuration: {Problem}")]
    public static partial void RefreshFailed(this ILogger log, DeviceId device, string problem);

    [LoggerMessage(1502, LogLevel.Error, "ended commands could not be swept; the next sweep tries again")]
    public static partial void SweepFailed(this ILogger log, Exception exception);

    [LoggerMessage(1503, LogLevel.Information, "{Commands} commands wait for their devices or for evidence; {Steps} steps of the journal are on their way into the store")]
    public static partial void Loaded(this ILogger log, int commands, int steps);

    [LoggerMessage(1508, LogLevel.Error, "the store of commands can't be written; the journal keeps what it does not have, and it is tried again each second")]
    public static partial void StoreFailed(this ILogger log, Exception exception);

    [LoggerMessage(1509, LogLevel.Information, "the store of commands can be written again")]
    public static partial void StoreFollowsAgain(this ILogger log);

    [LoggerMessage(1510, LogLevel.Warning, "the store of commands has followed journal {StoreJournal} to record {StoreSequence}; this is journal {Journal}, which ends with {LastSequence}. What the one has and the other has not stays as it is (docs/commands.md)")]
    public static partial void OtherJournal(this ILogger log, string storeJournal, long storeSequence, string journal, long lastSequence);

    [LoggerMessage(1511, LogLevel.Error, "exchange {RequestId}: what its commands have become can't be made durable; after a restart they may be sent again")]
    public static partial void NotSettled(this ILogger log, string requestId, Exception exception);

    [LoggerMessage(1530, LogLevel.Information, "run {Run} begins: {CommandType} for the devices of profile {Profile} with label {Label}, {Rate} a second")]
    public static partial void RunBegins(this ILogger log, string run, string commandType, string profile, string label, double rate);

    [LoggerMessage(1531, LogLevel.Information, "run {Run} is {State}{Reason}")]
    public static partial void RunChanged(this ILogger log, string run, RunState state, string reason);

    [LoggerMessage(1532, LogLevel.Error, "a run could not be gone on with; that is tried again four times a second, and told of once")]
    public static partial void RunStepFailed(this ILogger log, Exception exception);

    [LoggerMessage(1512, LogLevel.Information, "command {RequestId} for device {Device} waits until more has come from {Peer}: it is larger than may go to an address that has not shown that it receives (coap.amplification_factor)")]
    public static partial void WaitsForRoom(this ILogger log, string requestId, DeviceId device, string peer);

    [LoggerMessage(1513, LogLevel.Debug, "device {Device}: {Method} {Target} goes to {Peer}, {Bytes} bytes")]
    public static partial void RequestGoesOut(this ILogger log, DeviceId device, Coap.CoapCode method, string target, Coap.Peer peer, int bytes);

    [LoggerMessage(1514, LogLevel.Error, "device {Device} could not be looked after; it is tried again")]
    public static partial void PushFailed(this ILogger log, DeviceId device, Exception exception);

    [LoggerMessage(1504, LogLevel.Information, "{Added} of {Total} devices of {File} are new and were registered")]
    public static partial void Imported(this ILogger log, int added, int total, string file);

    [LoggerMessage(1505, LogLevel.Error, "{File}({Line}): {Problem}; the line was left out")]
    public static partial void ImportProblem(this ILogger log, string file, int line, string problem);

    [LoggerMessage(1507, LogLevel.Error, "devices.import_path: {File} can't be read, so none of its devices is registered: {Problem}")]
    public static partial void ImportUnreadable(this ILogger log, string file, string problem);

    [LoggerMessage(1506, LogLevel.Error, "registration at start failed; devices are registered when they speak")]
    public static partial void StartFailed(this ILogger log, Exception exception);
}
