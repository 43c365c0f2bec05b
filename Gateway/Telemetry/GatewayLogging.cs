using NLog.Config;
using NLog.Extensions.Logging;
using NLog.Filters;
using NLog.Targets;

namespace Gateway.Telemetry;

/// <summary>The log: NLog behind <see cref="Microsoft.Extensions.Logging.ILogger"/>, to standard error, so that standard output stays for readings.</summary>
internal static class GatewayLogging
{
    private const string Layout = "${date:format=yyyy-MM-dd HH\\:mm\\:ss.fff} ${pad:padding=-5:inner=${level:uppercase=true}} ${logger:shortName=true}: ${message}${onexception:${newline}${exception:format=tostring}}";

    public static void AddGatewayLogging(this ILoggingBuilder logging, LogSettings settings)
    {
        var configuration = new LoggingConfiguration();
        var console = new ConsoleTarget("stderr") { StdErr = true, Layout = Layout };
        var least = LevelOf(settings.Level);
        configuration.AddTarget(console);

        // The framework tells of every request; at our own level only its warnings are of interest.
        var framework = new LoggingRule("Microsoft.*", least < NLog.LogLevel.Info ? least : NLog.LogLevel.Warn, console);
        framework.FinalMinLevel = framework.Levels[0];
        configuration.LoggingRules.Add(framework);

        // Why the gateway can't start is said in one line; the host would show it a second time, with a page of its own insides.
        framework.Filters.Add(new WhenMethodFilter(entry =>
            entry.Message.StartsWith("Hosting failed to start", StringComparison.Ordinal) ? FilterResult.IgnoreFinal : FilterResult.Neutral));
        configuration.LoggingRules.Add(new LoggingRule("*", least, console));

        logging.ClearProviders();
        logging.SetMinimumLevel(Microsoft.Extensions.Logging.LogLevel.Trace);
        logging.AddNLog(configuration, new NLogProviderOptions { ReplaceLoggerFactory = false });
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
