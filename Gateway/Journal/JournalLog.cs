namespace Gateway.Journal;

/// <summary>What the journal says. Event ids 1400–1499.</summary>
internal static partial class JournalLog
{
    [LoggerMessage(1400, LogLevel.Information, "The journal {Path} is open; its last record is {LastSequence}")]
    public static partial void Opened(this ILogger logger, string path, long lastSequence);

    [LoggerMessage(1401, LogLevel.Information, "The journal {Path} is closed; its last record is {LastSequence}")]
    public static partial void Closed(this ILogger logger, string path, long lastSequence);

    [LoggerMessage(1402, LogLevel.Error, "The journal {Path} fails; {Records} frames were not kept, and devices are told to come back until it works again")]
    public static partial void CommitFailed(this ILogger logger, string path, int records, Exception failure);

    [LoggerMessage(1403, LogLevel.Warning, "The journal {Path} works again")]
    public static partial void Recovered(this ILogger logger, string path);

    [LoggerMessage(1404, LogLevel.Error, "The records {First} to {Last} of the journal are damaged ({Error}) and are left out")]
    public static partial void RecordsDamaged(this ILogger logger, long first, long last, JournalCodecError error);

    [LoggerMessage(1405, LogLevel.Information, "{Groups} groups of records from before {Before} were deleted from the journal")]
    public static partial void Pruned(this ILogger logger, int groups, DateTimeOffset before);

    [LoggerMessage(1406, LogLevel.Warning, "The journal's WAL could not be moved into the database; it is tried again when more has been written")]
    public static partial void CheckpointFailed(this ILogger logger, Exception failure);

    [LoggerMessage(1407, LogLevel.Warning, "The journal {Path} takes no more records: {Pending} are waiting for the disk")]
    public static partial void Full(this ILogger logger, string path, int pending);
}
