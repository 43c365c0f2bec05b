using Gateway.Journal;
using Gateway.Sinks;
using Gateway.Tests.Journal;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Sinks;

internal sealed class SinkReloadTests
{
    private readonly Dictionary<string, ScriptedSink> _made = [];
    private JournalInAFolder _folder = null!;
    private FakeTimeProvider _time = null!;
    private RecordedLog<SinkDispatcher> _log = null!;
    private SinkDispatcher _dispatcher = null!;

    [SetUp]
    public async Task StartAsync()
    {
        (_folder, _time, _log) = (new JournalInAFolder(), new FakeTimeProvider(), new RecordedLog<SinkDispatcher>());
        _made.Clear();
        await _folder.OpenAsync();
        _dispatcher = new SinkDispatcher([], _folder.Journal, _time, new Random(1), new SinkMetrics(_folder.Meters), ExchangeTraces.Off, _log);
        await _dispatcher.StartAsync(CancellationToken.None);
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _dispatcher.StopAsync(CancellationToken.None);
        await _dispatcher.DisposeAsync();
        await _folder.DisposeAsync();
        Assert.That(_log.Complaints(), Is.Empty, "the sinks complained");
    }

    [Test]
    public async Task A_sink_that_is_added_gets_what_the_journal_has_and_one_that_is_gone_gets_no_more()
    {
        await _folder.AppendManyAsync(2);
        await ReloadAsync(("a", Settings));
        await DoneAsync("a", 2);
        var a = _made["a"];

        await ReloadAsync(("b", Settings));
        await _folder.AppendAsync("r3");

        await DoneAsync("b", 3);
        Assert.That((a.Taken.Count, a.Disposed, _made["b"].Taken.Count), Is.EqualTo((2, true, 3)));
        Assert.That(_dispatcher.Status.Select(sink => sink.Name), Is.EqualTo(["b"]));
    }

    [Test]
    public async Task A_sink_that_has_changed_ends_its_batch_and_goes_on_behind_it()
    {
        var gate = new TaskCompletionSource<Delivery>();
        await ReloadAsync(gate, ("a", Settings), ("b", Settings));
        var (a, b) = (_made["a"], _made["b"]);
        await _folder.AppendAsync("r1");
        await Eventually.HoldsAsync(() => a.Calls == 1, "the batch is under way");
        await _folder.AppendAsync("r2");

        var reloading = ReloadAsync(("a", Settings with { MaxBatch = 1 }), ("b", Settings));
        Assert.That(reloading.IsCompleted, Is.False);
        gate.SetResult(Delivery.AllTaken);
        await reloading.WaitAsync(Eventually.Limit);

        await DoneAsync("a", 2);
        await DoneAsync("b", 2);
        Assert.That(a.Taken.Concat(_made["a"].Taken), Is.EqualTo(new[] { 1, 2 }), "nothing is lost, nothing comes twice");
        Assert.That((a.Disposed, _made["b"]), Is.EqualTo((true, b)), "the one that is as before goes on");
    }

    [Test]
    public async Task A_delivery_that_hangs_does_not_hold_up_the_change_for_ever()
    {
        await ReloadAsync(new TaskCompletionSource<Delivery>(), ("a", Settings));
        await _folder.AppendAsync("r1");
        await Eventually.HoldsAsync(() => _made["a"].Calls == 1, "the batch is under way");

        var reloading = ReloadAsync(("a", Settings with { MaxBatch = 1 }));
        await Eventually.HoldsAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return reloading.IsCompleted;
            },
            "the change is made");

        await DoneAsync("a", 1);
        Assert.That(_made["a"].Taken, Is.EqualTo(new[] { 1 }), "what hung is delivered again");
    }

    [Test]
    public async Task A_receiver_that_never_answers_slows_nobody_else()
    {
        var never = new TaskCompletionSource();
        await using var receiver = await HttpReceiver.StartAsync((_, _) => never.Task);
        var http = new HttpSinkSettings { Url = receiver.Url, DeadLetters = Settings.DeadLetters };
        await _dispatcher.ReloadAsync(
            Of(("dead", http), ("well", Settings)), (name, settings) => settings is HttpSinkSettings web ? new HttpSink(name, web, _time) : Make(name, settings));
        await _folder.AppendManyAsync(1000);

        await DoneAsync("well", 1000);
        await Eventually.HoldsAsync(() => receiver.Requests.Count == 1, "the dead one has been asked");

        Assert.That(_dispatcher.Status.Select(sink => (sink.Name, sink.Lag)), Is.EqualTo([("dead", 1000L), ("well", 0L)]));
        never.SetResult();
        await DoneAsync("dead", 1000);
    }

    private ConsoleSinkSettings Settings => new() { DeadLetters = new DeadLetterSettings { Path = _folder.Path + ".dead" } };

    private Task ReloadAsync(params (string Name, SinkSettings Settings)[] sinks) => _dispatcher.ReloadAsync(Of(sinks), Make);

    private Task ReloadAsync(TaskCompletionSource<Delivery> gate, params (string Name, SinkSettings Settings)[] sinks) =>
        _dispatcher.ReloadAsync(Of(sinks), (name, _) => _made[name] = new ScriptedSink(name, (_, _) => gate.Task));

    private ScriptedSink Make(string name, SinkSettings settings) => _made[name] = new ScriptedSink(name);

    private static Dictionary<string, SinkSettings> Of(params (string Name, SinkSettings Settings)[] sinks) => sinks.ToDictionary(sink => sink.Name, sink => sink.Settings);

    private Task DoneAsync(string sink, long sequence) =>
        Eventually.HoldsAsync(() => _folder.Journal.Cursor("sink/" + sink) == sequence, $"{sink} is past record {sequence}");
}
