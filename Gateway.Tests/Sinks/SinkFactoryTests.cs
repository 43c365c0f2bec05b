using Gateway.Sinks;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Sinks;

internal sealed class SinkFactoryTests
{
    private static readonly Dictionary<string, SinkSettings> Settings = new()
    {
        ["readings"] = new FileSinkSettings(),
        ["off"] = new FileSinkSettings { Enabled = false },
        ["console"] = new ConsoleSinkSettings(),
        ["web"] = new HttpSinkSettings { Url = "http://localhost/" },
    };

    [Test]
    public void Sinks_are_made_as_named_without_those_that_are_switched_off() =>
        Assert.That(SinkFactory.Create(Settings, Stream.Null, TimeProvider.System, NullLogger.Instance).Select(sink => (sink.Sink.Name, sink.Sink.Type)), Is.EqualTo(new[] { ("console", "console"), ("readings", "file"), ("web", "http") }));

    [Test]
    public void The_journal_keeps_records_for_just_these() =>
        Assert.That(SinkFactory.CursorNames(Settings), Is.EqualTo(new[] { "sink/console", "sink/readings", "sink/web" }));

    [Test]
    public void A_sink_that_nobody_knows_is_named() =>
        Assert.That(() => SinkFactory.Create(new Dictionary<string, SinkSettings> { ["odd"] = new OddSettings() }, Stream.Null, TimeProvider.System, NullLogger.Instance),
            Throws.TypeOf<NotSupportedException>().With.Message.Contains("sinks.odd"));

    private sealed record OddSettings : SinkSettings;
}
