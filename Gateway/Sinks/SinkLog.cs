namespace Gateway.Sinks;

/// <summary>What the sinks say. Event ids 1700–1799.</summary>
internal static partial class SinkLog
{
    [LoggerMessage(1700, LogLevel.Information, "The sink {Sink} ({Type}) goes on after record {Cursor} of the journal; {Lag} wait for it")]
    public static partial void Started(this ILogger logger, string sink, string type, long cursor, long lag);

    [LoggerMessage(1701, LogLevel.Error, "The sink {Sink} ({Type}) failed after record {Cursor} of the journal; it is tried again in {Wait}: {Problem}")]
    public static partial void Failed(this ILogger logger, string sink, string type, long cursor, TimeSpan wait, string problem, Exception? failure);

    [LoggerMessage(1702, LogLevel.Information, "The sink {Sink} ({Type}) works again, {Lag} records behind")]
    public static partial void Recovered(this ILogger logger, string sink, string type, long lag);

    [LoggerMessage(1703, LogLevel.Warning, "The sink {Sink} ({Type}) stopped {Lag} records behind; it gets them after the next start")]
    public static partial void StoppedBehind(this ILogger logger, string sink, string type, long lag);

    [LoggerMessage(1704, LogLevel.Warning, "The other side of the sink {Sink} ({Type}) refused {Messages} messages for good, the first of which is {MessageId}: {Reason}; they are in its dead letters")]
    public static partial void Refused(this ILogger logger, string sink, string type, int messages, string messageId, string reason);

    [LoggerMessage(1705, LogLevel.Warning, "The dead letters of the sink {Sink} ({Type}) are full: the {Messages} oldest were deleted (dead_letters.max_megabytes is {Megabytes})")]
    public static partial void DeadLettersDropped(this ILogger logger, string sink, string type, long messages, int megabytes);

    [LoggerMessage(1709, LogLevel.Information, "The dead letters of the sink {Sink} ({Type}) have been offered to it again; {Kept} are kept")]
    public static partial void DeadLettersReplayed(this ILogger logger, string sink, string type, long kept);

    [LoggerMessage(1706, LogLevel.Information, "The sinks of gateway.json have changed; at work are now: {Sinks}")]
    public static partial void Reloaded(this ILogger logger, string sinks);

    [LoggerMessage(EventId = 1720, Message = "The library of the sink {Sink} ({Type}) says: {Line}")]
    public static partial void Library(this ILogger logger, LogLevel level, string sink, string type, string line);

    [LoggerMessage(1721, LogLevel.Information, "The library of the sink {Sink} ({Type}) had {Lines} more lines to say in a minute")]
    public static partial void LibrarySaidMore(this ILogger logger, string sink, string type, int lines);
}
