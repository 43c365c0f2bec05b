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

    [LoggerMessage(1405, LogLevel.Information, "Records that need no longer be kept were deleted from {Groups} groups of the journal")]
    public static partial void Pruned(this ILogger logger, int groups);

    [LoggerMessage(1406, LogLevel.Warning, "The journal's WAL could not be moved into the database; it is tried again when more has been written")]
    public static partial void CheckpointFailed(this ILogger logger, Exception failure);

    [LoggerMessage(1407, LogLevel.Warning, "The journal {Path} takes no more records: {Pending} are waiting for the disk")]
    public static partial void Full(this ILogger logger, string path, int pending);

    [LoggerMessage(1408, LogLevel.Warning, "{Records} records that {Reader} had not had were deleted from the journal, which is as large as it may be (journal.on_lag)")]
    public static partial void DeletedUnread(this ILogger logger, long records, string reader);

    [LoggerMessage(1409, LogLevel.Warning, "{Problem}; mend what it waits for, or let the journal drop what it keeps (journal.on_lag)")]
    public static partial void HeldBack(this ILogger logger, string problem);

    [LoggerMessage(1410, LogLevel.Error, "{Problem}. Devices are told to come back until then")]
    public static partial void DiskNearlyFull(this ILogger logger, string problem);

    [LoggerMessage(1411, LogLevel.Warning, "The disk of {Path} has {Megabytes} MB of room, and frames are taken again")]
    public static partial void RoomAgain(this ILogger logger, string path, long megabytes);

    [LoggerMessage(1412, LogLevel.Debug, "How much room the disk of {Path} has is not known")]
    public static partial void RoomUnknown(this ILogger logger, string path, Exception failure);

    [LoggerMessage(1413, LogLevel.Information, "The file of the journal {Path} has not been looked through to its end within {Seconds} s (journal.check_seconds); \"gateway journal verify\" does that")]
    public static partial void CheckUnfinished(this ILogger logger, string path, double seconds);

    [LoggerMessage(1414, LogLevel.Error, "{Wal} was damaged at {Place}; SQLite would have dropped the {Commits} commits behind it, and they were saved. As it was found it is kept in {Copy}")]
    public static partial void WalMended(this ILogger logger, string wal, string place, int commits, string copy);

    [LoggerMessage(1415, LogLevel.Error, "{Wal} is damaged at {Place}, and what stands behind it is lost to the journal: {Commits} commits. As it was found it is kept in {Copy}")]
    public static partial void WalNotMended(this ILogger logger, string wal, string place, int commits, string copy);

    [LoggerMessage(1416, LogLevel.Error, "The records {First} to {Last} were in the journal and are not any more: the end of its WAL is missing")]
    public static partial void CutOff(this ILogger logger, long first, long last);
}
