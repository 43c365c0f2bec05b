using System.Globalization;
using System.Text;
using Gateway.Intake;
using Gateway.Journal;
using Gateway.Tests.Commands;
using Gateway.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Intake;

/// <summary>What becomes of messages, whichever broker they come from.</summary>
internal sealed class CommandIntakeTests
{
    private CommandsUnderTest _gateway = null!;
    private CommandIntake _intake = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _gateway = await CommandsUnderTest.StartAsync(CommandsUnderTest.Script);
        await _gateway.AddDeviceAsync(IntakeWorld.Device);
        _intake = new CommandIntake(_gateway.Consumer, _gateway.Journal, _gateway.Time);
    }

    [TearDown]
    public async Task StopAsync() => await _gateway.DisposeAsync();

    [Test]
    public async Task A_full_queue_is_for_later()
    {
        await FillAsync();

        var full = await TakeAsync(IntakeWorld.Say("late"));
        await _gateway.SpeakAsync(IntakeWorld.Device);
        var free = await TakeAsync(IntakeWorld.Say("late"));

        Assert.That((full.Outcome, free.Outcome), Is.EqualTo((IntakeOutcome.Later, IntakeOutcome.Stored)));
        Assert.That(full.Problem, Does.Contain("commands.max_queued_per_device"));
    }

    [Test]
    public async Task A_script_without_a_working_version_is_waited_for_and_not_for_ever()
    {
        const string Command = """{"request_id":"r1","device_id":"cellar","command_type":"say","payload":{"text":"hi"},"parser_script_ref":"broken.csx"}""";
        _gateway.Log.Expect("scripts/broken.csx");
        await File.WriteAllTextAsync(_gateway.PathOf("scripts/broken.csx"), "this is no C#");

        var waits = await TakeAsync(Command);
        var ends = await TakeAsync(Command, waitsForScript: false);

        Assert.That((waits.Outcome, ends.Outcome), Is.EqualTo((IntakeOutcome.Later, IntakeOutcome.DeadLetter)));
        Assert.That(ends.Problem, Does.Contain("broken.csx has no working version"));
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("\u0000\uFFFF")]
    [TestCase("""{"device_id":"\ud800","command_type":"say"}""")]
    [TestCase("""{"device_id":"cellar","command_type":"\udc00"}""")]
    [TestCase("""{"device_id":"cellar","command_type":"say","request_id":"\ud800"}""")]
    [TestCase("""{"device_id":"cellar","command_type":"say","dedup_key":"\ud800"}""")]
    [TestCase("""{"device_id":"cellar","command_type":"say","metadata":{"a":"\ud800"}}""")]
    [TestCase("""{"device_id":"cellar","command_type":"say","metadata":{"\ud800":"a"}}""")]
    [TestCase("""{"device_id":"cellar","command_type":"say","payload":{"\ud800":1}}""")]
    [TestCase("""{"device_id":"cellar","command_type":"say","payload":{"text":"hi"},"ttl":1e400}""")]
    [TestCase("""{"device_id":"cellar","command_type":"say","payload":{"text":"hi"},"expires_at":"0001-01-01T00:00:00+14:00"}""")]
    [TestCase("""{"device_id":"cellar","command_type":"say","payload":{"text":"hi"},"parser_script_ref":"../../etc/passwd"}""")]
    public async Task Whatever_comes_is_a_dead_letter_and_no_failure(string body)
    {
        var answer = await TakeAsync(body, waitsForScript: false);

        Assert.That(answer.Outcome, Is.EqualTo(IntakeOutcome.DeadLetter));
        Assert.That(_gateway.Journal.Read(0, 100).Where(record => record.Kind is JournalRecordKind.Failure), Has.One.Items);
    }

    [Test]
    public async Task Depth_is_no_failure_either() => Assert.That(
        (await TakeAsync("""{"device_id":"cellar","command_type":"say","payload":""" + new string('[', 500_000))).Outcome, Is.EqualTo(IntakeOutcome.DeadLetter));

    [Test]
    public async Task A_command_that_comes_again_after_its_time_is_no_mistake()
    {
        var ends = _gateway.Time.GetUtcNow().AddSeconds(60).ToString("O", CultureInfo.InvariantCulture);
        var command = $$"""{"request_id":"r1","device_id":"cellar","command_type":"say","payload":{"text":"hi"},"expires_at":"{{ends}}"}""";

        var first = await TakeAsync(command);
        _gateway.Time.Advance(TimeSpan.FromSeconds(120));
        var again = await TakeAsync(command);
        var other = await TakeAsync(command.Replace("r1", "r2", StringComparison.Ordinal));

        Assert.That((first.Outcome, again.Outcome, other.Outcome), Is.EqualTo((IntakeOutcome.Stored, IntakeOutcome.Repeated, IntakeOutcome.DeadLetter)));
    }

    [Test]
    public async Task What_the_journal_does_not_take_is_for_later()
    {
        // It is not open.
        var journal = new SqliteJournal(
            new JournalSettings { Path = _gateway.PathOf("other.db") }, [], _gateway.Time, new JournalMetrics(_gateway.Meters), NullLogger<SqliteJournal>.Instance);
        var intake = new CommandIntake(_gateway.Consumer, journal, _gateway.Time);

        var answer = await intake.TakeAsync("in", new IntakeMessage(Encoding.UTF8.GetBytes("no json"), "topic a"), waitsForScript: false, CancellationToken.None);

        Assert.That((answer.Outcome, answer.Reply), Is.EqualTo((IntakeOutcome.Later, (byte[]?)null)));
    }

    [Test]
    public async Task The_loop_keeps_the_order_while_a_message_waits()
    {
        await FillAsync();
        await using var source = new ScriptedSource(IntakeWorld.Say("a"), "no json", IntakeWorld.Say("b"));
        using var stop = new CancellationTokenSource();
        var loop = new IntakeLoop(
            source, new MqttIntakeSettings(), _intake, _gateway.Time, new Random(1), new IntakeMetrics(_gateway.Meters), _gateway.Log);
        _gateway.Log.Expect("The intake in (scripted) failed");
        var running = loop.RunAsync(stop.Token, CancellationToken.None);

        await Eventually.HoldsAsync(() => loop.Status.LastError is not null, "it waits");
        var settledWhileFull = source.Settled.Count;
        for (var i = 0; i < CommandsUnderTest.MaxQueued; i++)
        {
            await _gateway.SpeakAsync(IntakeWorld.Device);
        }

        await Eventually.HoldsAsync(
            () =>
            {
                _gateway.Time.Advance(TimeSpan.FromSeconds(1));
                return source.Settled.Count == 3;
            },
            "all are settled");
        await stop.CancelAsync();
        await running;

        Assert.That(settledWhileFull, Is.Zero);
        Assert.That(source.Settled, Is.EqualTo(new[] { IntakeOutcome.Stored, IntakeOutcome.DeadLetter, IntakeOutcome.Stored }));
        Assert.That(loop.Status.LastError, Is.Null);
        Assert.That(_gateway.Index.Find("a")!.Order, Is.LessThan(_gateway.Index.Find("b")!.Order));
    }

    private async Task FillAsync()
    {
        for (var i = 0; i < CommandsUnderTest.MaxQueued; i++)
        {
            await TakeAsync(IntakeWorld.Say($"f{i}"));
        }
    }

    private Task<IntakeAnswer> TakeAsync(string body, bool waitsForScript = true) =>
        _intake.TakeAsync("in", new IntakeMessage(Encoding.UTF8.GetBytes(body), "topic commands"), waitsForScript, CancellationToken.None);

    /// <summary>A broker that has some messages, and then no more.</summary>
    private sealed class ScriptedSource(params string[] bodies) : IIntakeSource
    {
        private readonly Queue<string> _bodies = new(bodies);

        public string Name => "in";

        public string Type => "scripted";

        /// <summary>Of the loop; read when it waits or has ended.</summary>
        public List<IntakeOutcome> Settled { get; } = [];

        public Task ConnectAsync(CancellationToken cancellation) => Task.CompletedTask;

        public async Task<IntakeMessage> ReceiveAsync(CancellationToken cancellation)
        {
            if (!_bodies.TryDequeue(out var body))
            {
                await new TaskCompletionSource().Task.WaitAsync(cancellation);
            }

            return new IntakeMessage(Encoding.UTF8.GetBytes(body!), "topic commands");
        }

        public Task<bool> HoldAsync(CancellationToken cancellation) => Task.FromResult(true);

        public Task SettleAsync(IntakeAnswer answer, CancellationToken cancellation)
        {
            Settled.Add(answer.Outcome);
            return Task.CompletedTask;
        }

        public ValueTask DisconnectAsync() => ValueTask.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
