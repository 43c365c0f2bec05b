namespace Gateway.Intake;

/// <summary>What the intake says. Event ids 2000–2099.</summary>
internal static partial class IntakeLog
{
    [LoggerMessage(2000, LogLevel.Information, "The intake {Intake} ({Type}) is connected, and takes commands")]
    public static partial void Connected(this ILogger logger, string intake, string type);

    [LoggerMessage(2001, LogLevel.Error, "The intake {Intake} ({Type}) failed; it is tried again in {Wait}: {Problem}")]
    public static partial void Failed(this ILogger logger, string intake, string type, TimeSpan wait, string problem, Exception? failure);

    [LoggerMessage(2002, LogLevel.Information, "The intake {Intake} ({Type}) goes on")]
    public static partial void Recovered(this ILogger logger, string intake, string type);

    [LoggerMessage(2003, LogLevel.Debug, "The intake {Intake} ({Type}) gave up a message of {Place}, which is in the dead letters now: {Problem}")]
    public static partial void GaveUp(this ILogger logger, string intake, string type, string place, string problem);

    [LoggerMessage(2004, LogLevel.Warning, "The intake {Intake} ({Type}) could not send a reply to {Place}: {Problem}. Its command is settled all the same")]
    public static partial void NotReplied(this ILogger logger, string intake, string type, string place, string problem);

    [LoggerMessage(2005, LogLevel.Debug, "The intake {Intake} ({Type}) passed over a retained message of {Place}: it is no new command")]
    public static partial void PassedOver(this ILogger logger, string intake, string type, string place);
}
