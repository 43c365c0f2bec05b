namespace Gateway.Storage;

internal static partial class StorageLog
{
    [LoggerMessage(1800, LogLevel.Error, "the store could not be written; whoever waited for it was told")]
    public static partial void WriteFailed(this ILogger log, Exception exception);

    [LoggerMessage(1802, LogLevel.Warning, "the store {Path} was looked at for {Seconds} s, and not all of it: storage.check_seconds gives it more time")]
    public static partial void CheckUnfinished(this ILogger log, string path, double seconds);

    [LoggerMessage(1803, LogLevel.Information, "the store {Path} is brought from version {From} to {To}; as it was, it is kept as {Copy}")]
    public static partial void Migrating(this ILogger log, string path, int from, int to, string copy);

    [LoggerMessage(1801, LogLevel.Error, "the store could not take a failed write back")]
    public static partial void RollbackFailed(this ILogger log, Exception exception);

    [LoggerMessage(1810, LogLevel.Information, "the backup {Folder} is made, up to record {Record} of the journal: {Bytes} bytes in {Duration}")]
    public static partial void BackupMade(this ILogger log, string folder, long record, long bytes, TimeSpan duration);

    [LoggerMessage(1811, LogLevel.Error, "a backup could not be made; what there was of it is deleted")]
    public static partial void BackupFailed(this ILogger log, Exception exception);

    [LoggerMessage(1812, LogLevel.Information, "the backup {Folder} is deleted, for {Keep} are kept (backup.keep)")]
    public static partial void BackupForgotten(this ILogger log, string folder, int keep);

    [LoggerMessage(1813, LogLevel.Warning, "the backup {Folder} should be deleted, and can't be")]
    public static partial void BackupNotForgotten(this ILogger log, string folder, Exception exception);
}
