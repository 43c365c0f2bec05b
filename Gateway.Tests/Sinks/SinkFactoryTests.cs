using Gateway.Sinks;

namespace Gateway.Tests.Sinks;

internal sealed class SinkFactoryTests
{
    private static readonly Dictionary<string, SinkSettings> Settings = new()
    {
        ["readings"] = new FileSinkSettings(),
        ["off"] = new FileSinkSettings { Enabled = false },
        ["console"] = new ConsoleSinkSettings(),
    };

    [Test]
    public void Sinks_are_made_as_named_without_those_that_are_switched_off() =>
        Assert.That(SinkFactory.Create(Settings, Stream.Null).Select(sink => (sink.Sink.Name, sink.Sink.Type)), Is.EqualTo(new[] { ("console", "console"), ("readings", "file") }));

    [Test]
    public void The_journal_keeps_records_for_just_these() =>
        Assert.That(SinkFactory.CursorNames(Settings), Is.EqualTo(new[] { "sink/console", "sink/readings" }));

    [Test]
    public void A_sink_that_nobody_knows_is_named() =>
        Assert.That(() => SinkFactory.Create(new Dictionary<string, SinkSettings> { ["odd"] = new OddSettings() }, Stream.Null),
            Throws.TypeOf<NotSupportedException>().With.Message.Contains("sinks.odd"));

    private sealed record OddSettings : SinkSettings;
}
