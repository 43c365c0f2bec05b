using NLog.Config;
using NLog.Extensions.Logging;
using NLog.Filters;
using NLog.Targets;

namespace Gateway.Telemetry;

/// <summary>The log: NLog behind <see cref="Microsoft.Extensions.Logging.ILogger"/>, to standard error, so that standard output stays for readings.</summary>
internal static class GatewayLogging
{
    private const string Layout = "${date:format=yyyy-MM-dd HH\\:mm\\:ss.fff} ${pad:padding=-5:inner=${level:uppercase=true}} ${logger:shortName=true}: ${message}${onexception:${newline}${exception:format=tostring}}";

    /// <summary>Makes it the only log. What is given back changes its level while it is written.</summary>
    public static LogLevelSwitch AddGatewayLogging(this ILoggingBuilder logging, LogSettings settings)
    {
        var configuration = new LoggingConfiguration();
        var console = new ConsoleTarget("stderr") { StdErr = true, Layout = Layout };
        var (framework, own) = (new LoggingRule { LoggerNamePattern = "Microsoft.*" }, new LoggingRule { LoggerNamePattern = "*" });
        framework.Targets.Add(console);
        own.Targets.Add(console);
        configuration.AddTarget(console);
        configuration.LoggingRules.Add(framework);
        configuration.LoggingRules.Add(own);
        var levels = new LogLevelSwitch(configuration, framework, own);
        levels.Use(settings);

        // Why the gateway can't start is said in one line; the host would show it a second time, with a page of its own insides.
        framework.Filters.Add(new WhenMethodFilter(entry =>
            entry.Message.StartsWith("Hosting failed to start", StringComparison.Ordinal) ? FilterResult.IgnoreFinal : FilterResult.Neutral));

        logging.ClearProviders();
        logging.SetMinimumLevel(Microsoft.Extensions.Logging.LogLevel.Trace);
        logging.AddNLog(configuration, new NLogProviderOptions { ReplaceLoggerFactory = false });
        return levels;
    }
}
