using Gateway.Journal;
using Gateway.Sinks;
using Gateway.Tests.Journal;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Sinks;

internal sealed class SinkDispatcherTests
{
    private const int Failed = 1701;
    private const int StoppedBehind = 1703;
    private const int Refused = 1704;

    private readonly List<SinkDispatcher> _started = [];
    private JournalInAFolder _folder = null!;
    private FakeTimeProvider _time = null!;
    private RecordedLog<SinkDispatcher> _log = null!;
    private int[] _expected = [];

    [SetUp]
    public async Task OpenJournalAsync()
    {
        (_folder, _time, _log, _expected) = (new JournalInAFolder(), new FakeTimeProvider(), new RecordedLog<SinkDispatcher>(), []);
        await _folder.OpenAsync();
    }

    [TearDown]
    public async Task CloseJournalAsync()
    {
        foreach (var dispatcher in _started)
        {
            await StopAsync(dispatcher);
            await dispatcher.DisposeAsync();
        }

        _started.Clear();
        await _folder.DisposeAsync();
        Assert.That(_log.Complaints(_expected), Is.Empty, "the sinks complained");
    }

    [Test]
    public async Task Readings_reach_every_sink_in_order()
    {
        var (a, b) = (new ScriptedSink("a"), new ScriptedSink("b"));
        await _folder.AppendManyAsync(3);
        await StartAsync(a, b);
        await _folder.AppendManyAsync(1200);

        await DeliveredAsync(a, 1203);
        await DeliveredAsync(b, 1203);
        Assert.That(a.Taken, Is.EqualTo(Enumerable.Range(1, 1203)));
        Assert.That(b.Taken, Is.EqualTo(Enumerable.Range(1, 1203)));
    }

    [Test]
    public async Task Records_without_readings_are_passed_over()
    {
        var sink = new ScriptedSink("a");
        await _folder.AppendAsync("r1");
        await _folder.Journal.AppendAsync(JournalInAFolder.Record("none", readings: 0), CancellationToken.None);
        await _folder.AppendAsync("r3");
        await _folder.Journal.AppendAsync(JournalInAFolder.Record("none", readings: 0), CancellationToken.None);
        await StartAsync(sink);

        await Eventually.HoldsAsync(() => _folder.Journal.Cursor("sink/a") == 4, "the sink is past the last record");
        Assert.That(sink.Taken, Is.EqualTo(new[] { 1, 3 }));
    }

    [Test]
    public async Task Records_that_are_damaged_are_passed_over()
    {
        await using var folder = new JournalInAFolder { ExpectedComplaints = [1404] };
        await folder.OpenAsync();
        await folder.AppendManyAsync(2);
        folder.Run("UPDATE groups SET body = x'00'");
        await folder.ReopenAsync();
        var sink = new ScriptedSink("a");
        await using var dispatcher = New(folder, sink);
        await dispatcher.StartAsync(CancellationToken.None);

        await Eventually.HoldsAsync(() => folder.Journal.Cursor("sink/a") == 2, "the sink is past the damage");
        await folder.AppendAsync("r3");
        await DeliveredAsync(sink, 1);
        Assert.That(sink.Taken, Is.EqualTo(new[] { 3 }));
        await StopAsync(dispatcher);
    }

    [Test]
    public async Task After_a_restart_a_sink_goes_on_where_it_was()
    {
        var before = new ScriptedSink("a");
        await _folder.AppendManyAsync(2);
        var dispatcher = await StartAsync(before);
        await Eventually.HoldsAsync(() => _folder.Journal.Cursor("sink/a") == 2, "both are delivered");
        await StopAsync(dispatcher);
        await _folder.ReopenAsync();
        await _folder.AppendAsync("r3");

        var after = new ScriptedSink("a");
        await StartAsync(after);

        await DeliveredAsync(after, 1);
        Assert.That(after.Taken, Is.EqualTo(new[] { 3 }));
    }

    [Test]
    public async Task A_sink_that_fails_gets_the_same_batch_again_and_stays_in_order()
    {
        _expected = [Failed];
        var failures = 3;
        var sink = new ScriptedSink("a", (_, _) => failures-- > 0 ? throw new IOException("unplugged") : Task.FromResult(Delivery.AllTaken));
        await _folder.AppendManyAsync(5);
        var dispatcher = await StartAsync(sink);

        await PassTimeUntilAsync(() => sink.Taken.Count == 5, "all five are taken at last");
        await Eventually.HoldsAsync(() => dispatcher.Status[0].LastError is null, "the status is good again");

        Assert.That(sink.Taken, Is.EqualTo(Enumerable.Range(1, 5)));
        Assert.That(sink.Calls, Is.EqualTo(4));
        Assert.That(_log.Texts(Failed), Has.Count.EqualTo(3).And.All.Contains("unplugged").And.All.Contains("record 0"));
        Assert.That(_folder.Meters["gateway.sink.failures/a"], Is.EqualTo(3));
        Assert.That(_folder.Meters["gateway.sink.readings/a"], Is.EqualTo(5));
        Assert.That(_folder.Meters["gateway.sink.lag/a"], Is.Zero);
    }

    [Test]
    public async Task A_sink_that_fails_or_hangs_leaves_the_others_going()
    {
        _expected = [Failed, StoppedBehind];
        var failing = new ScriptedSink("failing", (_, _) => throw new IOException("unplugged"));
        var hanging = new ScriptedSink("hanging", (_, cancellation) => new TaskCompletionSource<Delivery>().Task.WaitAsync(cancellation));
        var well = new ScriptedSink("well");
        var dispatcher = await StartAsync(failing, hanging, well);
        await _folder.AppendManyAsync(100);

        await Eventually.HoldsAsync(() => well.Taken.Count == 100, "the one that is well has all");
        await Eventually.HoldsAsync(() => dispatcher.Status[0].LastError is not null, "the failing one is seen");

        Assert.That(failing.Taken.Concat(hanging.Taken), Is.Empty);
        var status = dispatcher.Status[0];
        Assert.That((status.Name, status.Type, status.Cursor, status.Lag, status.LastError), Is.EqualTo(("failing", "scripted", 0, 100, "unplugged")));
        Assert.That(status.FailingSince, Is.Not.Null);
        Assert.That(_folder.Meters["gateway.sink.lag/hanging"], Is.EqualTo(100));
    }

    [Test]
    public async Task What_is_in_the_journal_at_the_stop_is_still_delivered()
    {
        var gate = new TaskCompletionSource<Delivery>();
        var sink = new ScriptedSink("a", (_, _) => gate.Task);
        var dispatcher = await StartAsync(sink);
        await _folder.AppendAsync("r1");
        await Eventually.HoldsAsync(() => sink.Calls == 1, "the sink is at work");
        await _folder.AppendManyAsync(700);

        var stopping = dispatcher.StopAsync(CancellationToken.None);
        gate.SetResult(Delivery.AllTaken);
        await stopping.WaitAsync(Eventually.Limit);

        Assert.That(sink.Taken, Is.EqualTo(Enumerable.Range(1, 701)));
        Assert.That(_folder.Journal.Cursor("sink/a"), Is.EqualTo(701));
    }

    [Test]
    public async Task A_sink_that_hangs_holds_up_the_stop_for_a_bounded_time()
    {
        _expected = [StoppedBehind];
        var never = new TaskCompletionSource<Delivery>();
        var sink = new ScriptedSink("a", (_, _) => never.Task);
        var dispatcher = await StartAsync(sink);
        await _folder.AppendAsync("r1");
        await Eventually.HoldsAsync(() => sink.Calls == 1, "the sink is at work");

        var stopping = dispatcher.StopAsync(CancellationToken.None);
        Assert.That(stopping.IsCompleted, Is.False);
        await PassTimeUntilAsync(() => stopping.IsCompleted, "the stop is over");

        Assert.That(_folder.Journal.Cursor("sink/a"), Is.Zero, "it gets the record after the next start");
        Assert.That(_log.Texts(StoppedBehind), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_sink_that_waits_to_try_again_does_not_hold_up_the_stop()
    {
        _expected = [Failed, StoppedBehind];
        var sink = new ScriptedSink("a", (_, _) => throw new IOException("unplugged"));
        var dispatcher = await StartAsync(sink);
        await _folder.AppendAsync("r1");
        await Eventually.HoldsAsync(() => dispatcher.Status[0].LastError is not null, "the sink has failed");

        await dispatcher.StopAsync(CancellationToken.None).WaitAsync(Eventually.Limit);

        Assert.That(sink.Calls, Is.EqualTo(1));
    }

    [Test]
    public async Task A_file_has_every_reading_and_no_half_line_although_a_crash_tore_the_last_one()
    {
        var path = _folder.Path + ".ndjson";
        await _folder.AppendManyAsync(10);
        var first = await StartAsync(new FileSink("file", new FileSinkSettings { Path = path }, _time));
        await Eventually.HoldsAsync(() => _folder.Journal.Cursor("sink/file") == 10, "ten are delivered");
        await StopAsync(first);

        // The crash: half of what comes next is in the file, and the cursor knows nothing of it.
        await _folder.AppendAsync("r11");
        await File.AppendAllTextAsync(path, "{\"request_id\":\"r11\",");
        await StartAsync(new FileSink("file", new FileSinkSettings { Path = path }, _time));

        await Eventually.HoldsAsync(() => _folder.Journal.Cursor("sink/file") == 11, "the eleventh is delivered");
        var expected = Enumerable.Range(1, 10).Select(number => $"{{\"request_id\":\"r{number}\",\"n\":1}}");
        Assert.That(await File.ReadAllLinesAsync(path), Is.EqualTo((string[])[.. expected, "{\"request_id\":\"r11\",\"n\":1}"]));
    }

    [Test]
    public async Task What_is_refused_becomes_a_dead_letter_and_what_is_behind_it_goes_on()
    {
        _expected = [Refused];
        var sink = new ScriptedSink("a", (batch, _) => Task.FromResult(Delivery.Refuse(batch.Where(message => message.Id.Sequence == 2), "422: no such thing")));
        await _folder.AppendManyAsync(3);
        var dispatcher = await StartAsync(sink);

        await Eventually.HoldsAsync(() => _folder.Journal.Cursor("sink/a") == 3, "the sink is past all three");

        Assert.That(sink.Taken, Is.EqualTo(new[] { 1, 3 }));
        var letter = (await File.ReadAllLinesAsync(Path.Combine(Settings.DeadLetters.Path, "a.ndjson"))).Single();
        Assert.That(letter, Does.Contain($"\"message_id\":\"{_folder.Journal.Id}-2-0\"").And.Contain("422: no such thing").And.Contain("\"request_id\":\"r2\""));
        var status = dispatcher.Status[0];
        Assert.That((status.Delivered, status.Refused, status.DeadLetters, status.LastError), Is.EqualTo((2, 1, 1, (string?)null)));
        Assert.That((_folder.Meters["gateway.sink.refused/a"], _folder.Meters["gateway.sink.dead_letters/a"]), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task Only_what_was_not_taken_is_tried_again()
    {
        _expected = [Failed];
        var batches = new List<string>();
        var sink = new ScriptedSink("a", (batch, _) =>
        {
            batches.Add(string.Join(',', batch.Select(message => message.Id.Sequence)));
            return Task.FromResult(batches.Count > 2 ? Delivery.AllTaken : Delivery.Later([.. batch.Skip(1)], "503"));
        });
        await _folder.AppendManyAsync(4);
        await StartAsync(sink);

        await PassTimeUntilAsync(() => sink.Taken.Count == 4, "all are taken");

        Assert.That(batches, Is.EqualTo(["1,2,3,4", "2,3,4", "3,4"]));
    }

    [Test]
    public async Task The_other_side_may_say_how_long_to_wait()
    {
        _expected = [Failed];
        var asked = false;
        var sink = new ScriptedSink("a", (batch, _) =>
        {
            (var first, asked) = (!asked, true);
            return Task.FromResult(first ? Delivery.Later(batch, "503", TimeSpan.FromMinutes(10)) : Delivery.AllTaken);
        });
        await _folder.AppendAsync("r1");
        await StartAsync(sink);
        await Eventually.HoldsAsync(() => _log.Texts(Failed).Count == 1, "it was told to wait");
        Assert.That(_log.Texts(Failed)[0], Does.Contain("in 00:10:00: 503"));

        var start = _time.GetUtcNow();
        await PassTimeUntilAsync(() => sink.Taken.Count == 1, "it is taken", TimeSpan.FromSeconds(10));

        Assert.That(_time.GetUtcNow() - start, Is.GreaterThanOrEqualTo(TimeSpan.FromMinutes(10)));
    }

    [Test]
    public async Task A_batch_that_was_tried_often_enough_goes_to_the_dead_letters()
    {
        _expected = [Failed, Refused];
        var sink = new ScriptedSink("a", (batch, _) => batch[0].Id.Sequence <= 2 ? throw new IOException("unplugged") : Task.FromResult(Delivery.AllTaken));
        await _folder.AppendManyAsync(3);
        var dispatcher = New(_folder, new ConfiguredSink(sink, Settings with { MaxBatch = 2, Retry = new SinkRetrySettings { MaxAttempts = 3 } }));
        _started.Add(dispatcher);
        await dispatcher.StartAsync(CancellationToken.None);

        await PassTimeUntilAsync(() => _folder.Journal.Cursor("sink/a") == 3, "the third is delivered");

        Assert.That((sink.Calls, sink.Taken.Single()), Is.EqualTo((4, 3)));
        Assert.That(await File.ReadAllLinesAsync(Path.Combine(Settings.DeadLetters.Path, "a.ndjson")), Has.Length.EqualTo(2).And.All.Contains("given up after 3 tries: unplugged"));
    }

    [Test]
    public async Task A_refused_message_is_not_passed_over_while_it_can_not_be_kept()
    {
        _expected = [Failed, Refused];
        var sink = new ScriptedSink("a", (batch, _) => Task.FromResult(Delivery.Refuse(batch, "no")));
        await File.WriteAllTextAsync(Settings.DeadLetters.Path, "a file where the folder should be");
        await _folder.AppendAsync("r1");
        await StartAsync(sink);
        await Eventually.HoldsAsync(() => _log.Texts(Failed).Count > 0, "the letter could not be kept");
        Assert.That(_folder.Journal.Cursor("sink/a"), Is.Zero);

        File.Delete(Settings.DeadLetters.Path);
        await PassTimeUntilAsync(() => _folder.Journal.Cursor("sink/a") == 1, "the letter is kept");

        Assert.That(sink.Calls, Is.EqualTo(1), "the other side has said what it thinks of it");
    }

    [Test]
    public async Task A_record_is_done_with_when_all_its_batches_are()
    {
        var gate = new TaskCompletionSource<Delivery>();
        var calls = 0;
        var sink = new ScriptedSink("a", (_, _) => ++calls == 3 ? gate.Task : Task.FromResult(Delivery.AllTaken));
        await _folder.AppendAsync("r1");
        await _folder.Journal.AppendAsync(JournalInAFolder.Record("r2", readings: 5), CancellationToken.None);
        var dispatcher = New(_folder, new ConfiguredSink(sink, Settings with { MaxBatch = 2 }));
        _started.Add(dispatcher);
        await dispatcher.StartAsync(CancellationToken.None);
        await Eventually.HoldsAsync(() => sink.Calls == 3, "the third batch is on its way");
        Assert.That(_folder.Journal.Cursor("sink/a"), Is.EqualTo(1));

        gate.SetResult(Delivery.AllTaken);

        await Eventually.HoldsAsync(() => _folder.Journal.Cursor("sink/a") == 2, "the second record is done with");
        Assert.That(sink.Taken, Is.EqualTo(new[] { 1, 2, 2, 2, 2, 2 }));
    }

    [Test]
    public async Task A_new_sink_may_begin_with_what_comes_after_it()
    {
        var sink = new ScriptedSink("a");
        await _folder.AppendManyAsync(3);
        var dispatcher = New(_folder, new ConfiguredSink(sink, Settings with { Start = SinkStart.Newest }));
        _started.Add(dispatcher);
        await dispatcher.StartAsync(CancellationToken.None);
        await Eventually.HoldsAsync(() => _folder.Journal.Cursor("sink/a") == 3, "it begins at the end");

        await _folder.AppendAsync("r4");

        await DeliveredAsync(sink, 1);
        Assert.That(sink.Taken, Is.EqualTo(new[] { 4 }));
    }

    [Test]
    public async Task Sinks_are_disposed_with_the_dispatcher()
    {
        var sink = new ScriptedSink("a");
        var dispatcher = await StartAsync(sink);
        await StopAsync(dispatcher);

        await dispatcher.DisposeAsync();

        Assert.That(sink.Disposed);
    }

    private async Task<SinkDispatcher> StartAsync(params ISink[] sinks)
    {
        var dispatcher = New(_folder, sinks);
        _started.Add(dispatcher);
        await dispatcher.StartAsync(CancellationToken.None);
        return dispatcher;
    }

    private SinkDispatcher New(JournalInAFolder folder, params ISink[] sinks) =>
        New(folder, [.. sinks.Select(sink => new ConfiguredSink(sink, Settings))]);

    private SinkDispatcher New(JournalInAFolder folder, params ConfiguredSink[] sinks) =>
        new(sinks, folder.Journal, _time, new Random(1), new SinkMetrics(folder.Meters), ExchangeTraces.Off, _log);

    private ConsoleSinkSettings Settings => new() { DeadLetters = new DeadLetterSettings { Path = _folder.Path + ".dead" } };

    private async Task StopAsync(SinkDispatcher dispatcher)
    {
        var stopping = dispatcher.StopAsync(CancellationToken.None);
        await PassTimeUntilAsync(() => stopping.IsCompleted, "the dispatcher has stopped");
        await stopping;
    }

    private static Task DeliveredAsync(ScriptedSink sink, int records) =>
        Eventually.HoldsAsync(() => sink.Taken.Count >= records, $"{sink.Name} has {records} records");

    private Task PassTimeUntilAsync(Func<bool> condition, string name, TimeSpan? step = null) => Eventually.HoldsAsync(
        () =>
        {
            _time.Advance(step ?? TimeSpan.FromSeconds(1));
            return condition();
        },
        name);
}
