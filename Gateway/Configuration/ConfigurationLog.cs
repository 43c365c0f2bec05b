namespace Gateway.Configuration;

/// <summary>What is said of gateway.json while the gateway runs. Event ids 2200–2299.</summary>
internal static partial class ConfigurationLog
{
    [LoggerMessage(2200, LogLevel.Information, "{File} has changed: {Change}")]
    public static partial void Changed(this ILogger logger, string file, string change);

    [LoggerMessage(2201, LogLevel.Warning, "{File} has changed: {Change}; this takes a restart of the gateway")]
    public static partial void TakesRestart(this ILogger logger, string file, string change);

    [LoggerMessage(2202, LogLevel.Information, "{File} has changed in {Changes} more places; GET /api/v1/configuration tells which of them take a restart")]
    public static partial void ChangedMore(this ILogger logger, string file, int changes);

    [LoggerMessage(2203, LogLevel.Warning, "{File} has changed and can't be used; all settings stay as they were. {Problem}")]
    public static partial void NotUsable(this ILogger logger, string file, string problem);

    [LoggerMessage(2204, LogLevel.Information, "{File} can be used again")]
    public static partial void UsableAgain(this ILogger logger, string file);

    [LoggerMessage(2205, LogLevel.Information, "{File} says again what the gateway runs with; it takes no restart any more")]
    public static partial void NothingWaits(this ILogger logger, string file);

    [LoggerMessage(2206, LogLevel.Error, "{File} has changed, but {Section} could not be made what it says; that is tried again when it changes")]
    public static partial void NotApplied(this ILogger logger, string file, string section, Exception failure);

    [LoggerMessage(2207, LogLevel.Error, "{File} could not be looked at; that is tried again")]
    public static partial void LookFailed(this ILogger logger, string file, Exception failure);
}
