using Confluent.Kafka;

namespace Gateway.Sinks;

/// <summary>Brings librdkafka's log to the gateway's: some lines a minute, and how many there were besides. Called by librdkafka's threads.</summary>
internal sealed class KafkaLog(string sink, string type, TimeProvider time, ILogger logger)
{
    /// <summary>How many lines are passed on in a minute.</summary>
    public const int MostInAMinute = 10;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    // Guards what is below.
    private readonly Lock _gate = new();
    private DateTimeOffset _begin;
    private int _lines;

    public void Say(LogMessage message)
    {
        var (pass, more) = Count();
        if (more > 0)
        {
            logger.LibrarySaidMore(sink, type, more);
        }

        var level = LevelOf(message.Level);
        if (pass && logger.IsEnabled(level))
        {
            logger.Library(level, sink, type, message.Message);
        }
    }

    private (bool Pass, int More) Count()
    {
        lock (_gate)
        {
            var (now, more) = (time.GetUtcNow(), 0);
            if (now - _begin >= Minute)
            {
                (_begin, more, _lines) = (now, Math.Max(_lines - MostInAMinute, 0), 0);
            }

            return (++_lines <= MostInAMinute, more);
        }
    }

    // Whether messages arrive is the sink's to say, as an error if they don't.
    private static LogLevel LevelOf(SyslogLevel level) => level switch
    {
        <= SyslogLevel.Warning => LogLevel.Warning,
        < SyslogLevel.Debug => LogLevel.Information,
        _ => LogLevel.Debug,
    };
}
