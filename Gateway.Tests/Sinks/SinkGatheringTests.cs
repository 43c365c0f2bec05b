using Gateway.Journal;
using Gateway.Sinks;
using Gateway.Tests.Journal;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Sinks;

internal sealed class SinkGatheringTests
{
    private ScriptedSink _sink = null!;
    private FakeTimeProvider _time = null!;
    private RecordedLog<SinkDispatcher> _log = null!;
    private JournalInAFolder _folder = null!;
    private SinkDispatcher _dispatcher = null!;

    [SetUp]
    public async Task OpenJournalAsync()
    {
        (_folder, _sink, _time, _log) = (new JournalInAFolder(), new ScriptedSink("a"), new FakeTimeProvider(), new RecordedLog<SinkDispatcher>());
        await _folder.OpenAsync();
    }

    [TearDown]
    public async Task CloseJournalAsync()
    {
        await _dispatcher.StopAsync(CancellationToken.None);
        await _dispatcher.DisposeAsync();
        await _folder.DisposeAsync();
        Assert.That(_log.Complaints(), Is.Empty, "the sinks complained");
    }

    [Test]
    public async Task Messages_wait_for_each_other_after_a_batch()
    {
        await _folder.AppendAsync("r1");
        await StartAsync();
        await DeliveredAsync(1);

        await _folder.AppendAsync("r2");
        await _folder.AppendAsync("r3");
        await PassTimeUntilDeliveredAsync(3);
        Assert.That(_sink.Calls, Is.EqualTo(2), "the first at once, the others together");
    }

    [Test]
    public async Task Nothing_waits_while_much_is_there()
    {
        await _folder.AppendManyAsync(1200);
        await StartAsync();

        await DeliveredAsync(1000);
        await PassTimeUntilDeliveredAsync(1200);
        Assert.That(_sink.Calls, Is.EqualTo(3));
    }

    [Test]
    public async Task A_stop_waits_for_nothing()
    {
        await _folder.AppendAsync("r1");
        await StartAsync();
        await DeliveredAsync(1);
        await _folder.AppendAsync("r2");

        await _dispatcher.StopAsync(CancellationToken.None);

        Assert.That(_sink.Taken, Is.EqualTo(new[] { 1, 2 }));
    }

    private async Task StartAsync()
    {
        var settings = new FileSinkSettings { GatherMilliseconds = 1000, DeadLetters = new DeadLetterSettings { Path = _folder.Path + ".dead" } };
        _dispatcher = new SinkDispatcher([new ConfiguredSink(_sink, settings)], _folder.Journal, _time, new Random(1), new SinkMetrics(_folder.Meters), ExchangeTraces.Off, _log);
        await _dispatcher.StartAsync(CancellationToken.None);
    }

    private Task DeliveredAsync(int records) => Eventually.HoldsAsync(() => _sink.Taken.Count >= records, $"the sink has {records} records");

    private Task PassTimeUntilDeliveredAsync(int records) => Eventually.HoldsAsync(
        () =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            return _sink.Taken.Count == records;
        },
        $"the sink has {records} records");
}
