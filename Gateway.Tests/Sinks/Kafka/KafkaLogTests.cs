using Confluent.Kafka;
using Gateway.Sinks;
using Gateway.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Sinks.Kafka;

internal sealed class KafkaLogTests
{
    private readonly FakeTimeProvider _time = new();

    [Test]
    public void Some_lines_a_minute_are_passed_on_and_the_others_are_counted()
    {
        using var log = new RecordedLog();
        var kafka = new KafkaLog("a", "kafka", _time, log);
        for (var i = 0; i < KafkaLog.MostInAMinute + 7; i++)
        {
            kafka.Say(Line(SyslogLevel.Error));
        }

        Assert.That(log.Entries, Has.Count.EqualTo(KafkaLog.MostInAMinute));
        _time.Advance(TimeSpan.FromMinutes(1));
        kafka.Say(Line(SyslogLevel.Error));

        Assert.That(log.Lines[^2..], Is.EqualTo(new[]
        {
            "Information: The library of the sink a (kafka) had 7 more lines to say in a minute", "Warning: The library of the sink a (kafka) says: it is late",
        }));
    }

    [TestCase(SyslogLevel.Emergency, LogLevel.Warning)]
    [TestCase(SyslogLevel.Warning, LogLevel.Warning)]
    [TestCase(SyslogLevel.Notice, LogLevel.Information)]
    [TestCase(SyslogLevel.Info, LogLevel.Information)]
    [TestCase(SyslogLevel.Debug, LogLevel.Debug)]
    public void What_goes_wrong_in_the_library_is_a_warning(SyslogLevel said, LogLevel heard)
    {
        using var log = new RecordedLog();
        new KafkaLog("a", "kafka", _time, log).Say(Line(said));

        Assert.That(log.Entries.Single().Level, Is.EqualTo(heard));
    }

    private static LogMessage Line(SyslogLevel level) => new("rdkafka#producer-1", level, "FAIL", "it is late");
}
