namespace Gateway.Uplink;

/// <summary>What replays say. Event ids 1650–1699.</summary>
internal static partial class ReplayLog
{
    [LoggerMessage(1650, LogLevel.Information, "replay {Id} starts: {Request}")]
    public static partial void ReplayStarts(this ILogger log, string id, ReplayRequest request);

    [LoggerMessage(1651, LogLevel.Information, "replay {Id} has ended ({State}): {Parsed} frames were read with {Readings} readings, {Unchanged} gave what they gave before, {Failed} failed, {Held} are of devices that wait for approval, {Skipped} had been read by an earlier replay")]
    public static partial void ReplayEnded(this ILogger log, string id, ReplayState state, long parsed, long readings, long unchanged, long failed, long held, long skipped);

    [LoggerMessage(1652, LogLevel.Error, "replay {Id} could not go on; what it has kept stays")]
    public static partial void ReplayFailed(this ILogger log, string id, Exception failure);

    [LoggerMessage(1653, LogLevel.Error, "the frames of devices that were let in could not be read; it is tried again in {Pause}: {Problem}")]
    public static partial void ApprovalsUnsettled(this ILogger log, TimeSpan pause, string problem);
}
