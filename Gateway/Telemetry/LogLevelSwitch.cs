using NLog.Config;

namespace Gateway.Telemetry;

/// <summary>Sets the least level that is logged, also while the log is written.</summary>
/// <param name="configuration">The configuration that the rules belong to.</param>
/// <param name="framework">The rule of what the framework logs.</param>
/// <param name="own">The rule of all else.</param>
internal sealed class LogLevelSwitch(LoggingConfiguration configuration, LoggingRule framework, LoggingRule own)
{
    /// <summary>From now on this is the level.</summary>
    public void Use(LogSettings settings)
    {
        var least = LevelOf(settings.Level);

        // The framework tells of every request; at our own level only its warnings are of interest.
        var ofFramework = least < NLog.LogLevel.Info ? least : NLog.LogLevel.Warn;
        framework.SetLoggingLevels(ofFramework, NLog.LogLevel.Fatal);
        framework.FinalMinLevel = ofFramework;
        own.SetLoggingLevels(least, NLog.LogLevel.Fatal);
        configuration.LogFactory.ReconfigExistingLoggers();
    }

    private static NLog.LogLevel LevelOf(LogVerbosity verbosity) => verbosity switch
    {
        LogVerbosity.Trace => NLog.LogLevel.Trace,
        LogVerbosity.Debug => NLog.LogLevel.Debug,
        LogVerbosity.Info => NLog.LogLevel.Info,
        LogVerbosity.Warn => NLog.LogLevel.Warn,
        _ => NLog.LogLevel.Error,
    };
}
