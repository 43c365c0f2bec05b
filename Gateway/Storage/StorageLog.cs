namespace Gateway.Storage;

internal static partial class StorageLog
{
    [LoggerMessage(1800, LogLevel.Error, "the store could not be written; whoever waited for it was told")]
    public static partial void WriteFailed(this ILogger log, Exception exception);

    [LoggerMessage(1801, LogLevel.Error, "the store could not take a failed write back")]
    public static partial void RollbackFailed(this ILogger log, Exception exception);
}
