using NLog.Config;
using NLog.Extensions.Logging;
using NLog.Layouts;
using NLog.Targets;

namespace Gateway.Telemetry;

/// <summary>The log: NLog behind <see cref="Microsoft.Extensions.Logging.ILogger"/>, to standard error, so that standard output stays for readings.</summary>
internal static class GatewayLogging
{
    private const string Text = "${date:format=yyyy-MM-dd HH\\:mm\\:ss.fff} ${pad:padding=-5:inner=${level:uppercase=true}} ${logger:shortName=true}: ${message}${onexception:${newline}${exception:format=tostring}}";
    private const string Instant = "${date:universalTime=true:format=yyyy-MM-ddTHH\\:mm\\:ss.fffZ}";

    /// <summary>Makes it the only log. What is given back changes its levels while it is written.</summary>
    public static LogLevelSwitch AddGatewayLogging(this ILoggingBuilder logging, LogSettings settings) =>
        logging.AddGatewayLogging(settings, new ConsoleTarget("stderr") { StdErr = true, Layout = LayoutOf(settings.Format) });

    /// <summary>Makes a target the only log.</summary>
    public static LogLevelSwitch AddGatewayLogging(this ILoggingBuilder logging, LogSettings settings, Target target)
    {
        var configuration = new LoggingConfiguration(new NLog.LogFactory());
        configuration.AddTarget(target);
        var levels = new LogLevelSwitch(configuration, target);
        levels.Use(settings);
        logging.ClearProviders();
        logging.SetMinimumLevel(Microsoft.Extensions.Logging.LogLevel.Trace);
        logging.AddNLog(configuration, new NLogProviderOptions { ReplaceLoggerFactory = false });
        return levels;
    }

    /// <summary>How an entry is written.</summary>
    public static Layout LayoutOf(LogFormat format) => format is LogFormat.Json ? Json() : Layout.FromString(Text);

    // The values that the message was made of stand beside it, each by its name, so that nobody has to take the text apart.
    private static JsonLayout Json() => new()
    {
        SuppressSpaces = true,
        Attributes =
        {
            new JsonAttribute("time", Instant),
            new JsonAttribute("level", "${level:lowercase=true}"),
            new JsonAttribute("category", "${logger}"),
            new JsonAttribute("event_id", "${event-properties:EventId}", encode: false),
            new JsonAttribute("event", "${event-properties:EventName}"),
            new JsonAttribute("message", "${message}"),
            new JsonAttribute(
                "values",
                new JsonLayout
                {
                    SuppressSpaces = true, RenderEmptyObject = false, IncludeEventProperties = true, MaxRecursionLimit = 0, ExcludeProperties = new HashSet<string> { "EventId", "EventName" },
                },
                encode: false),
            new JsonAttribute("exception", "${exception:format=tostring}"),
        },
    };
}
