using Gateway.Devices;
using NLog.Config;
using NLog.Filters;
using NLog.Targets;

namespace Gateway.Telemetry;

/// <summary>Sets the least levels that are logged, also while the log is written.</summary>
/// <param name="configuration">The configuration whose rules these are.</param>
/// <param name="target">Where the log goes.</param>
internal sealed class LogLevelSwitch(LoggingConfiguration configuration, Target target)
{
    // Replaced as a whole.
    private volatile LogSettings _now = new();

    /// <summary>The levels that are in force.</summary>
    public LogSettings Now => _now;

    /// <summary>From now on these are the levels.</summary>
    public void Use(LogSettings settings)
    {
        var least = LevelOf(settings.Level);

        // The first rule that a category belongs to is the one that counts. A trace was asked for by somebody, whatever is logged otherwise.
        LoggingRule[] rules =
        [
            .. RulesOf(DeviceTraces.Category, NLog.LogLevel.Info),
            .. from entry in settings.Levels
               orderby entry.Key.Length descending
               from rule in RulesOf(entry.Key + "*", LevelOf(entry.Value))
               select rule,

            // The framework tells of every request; at our own level only its warnings are of interest.
            .. RulesOf("Microsoft.*", least < NLog.LogLevel.Info ? least : NLog.LogLevel.Warn),
            .. RulesOf("*", least),
        ];
        lock (configuration.LoggingRules)
        {
            configuration.LoggingRules.Clear();
            foreach (var rule in rules)
            {
                configuration.LoggingRules.Add(rule);
            }

            _now = settings;
        }

        configuration.LogFactory.ReconfigExistingLoggers();
    }

    // What is logged, and what is not and must not come to a later rule.
    private LoggingRule[] RulesOf(string pattern, NLog.LogLevel least)
    {
        var rule = new LoggingRule { LoggerNamePattern = pattern, Final = true, FilterDefaultAction = FilterResult.Log };
        rule.SetLoggingLevels(least, NLog.LogLevel.Fatal);
        rule.Targets.Add(target);

        // Why the gateway can't start is said in one line; the host would show it a second time, with a page of its own insides.
        rule.Filters.Add(new WhenMethodFilter(entry =>
            entry.LoggerName.StartsWith("Microsoft.", StringComparison.Ordinal) && entry.Message.StartsWith("Hosting failed to start", StringComparison.Ordinal)
                ? FilterResult.IgnoreFinal
                : FilterResult.Neutral));
        if (least == NLog.LogLevel.Trace)
        {
            return [rule];
        }

        var silence = new LoggingRule { LoggerNamePattern = pattern, Final = true };
        silence.SetLoggingLevels(NLog.LogLevel.Trace, NLog.LogLevel.FromOrdinal(least.Ordinal - 1));
        return [rule, silence];
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
