using System.Text;
using System.Text.Json;
using Gateway.Commands;
using Gateway.Devices;

namespace Gateway.Tests.Commands;

/// <summary>Taking commands in: with the real journal, the real store, the real registry and real scripts; only the clock is the test's.</summary>
internal sealed class CommandConsumerTests
{
    private CommandsUnderTest _gateway = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _gateway = await CommandsUnderTest.StartAsync(CommandsUnderTest.Script);
        await _gateway.AddDeviceAsync("a");
    }

    [TearDown]
    public async Task StopAsync() => await _gateway.DisposeAsync();

    [Test]
    public async Task After_a_restart_the_queue_is_as_it_was()
    {
        await SayAsync("sent");
        await _gateway.SpeakAsync("a");
        await SayAsync("first");
        await SayAsync("second");

        await _gateway.RestartAsync();
        await SayAsync("third");

        Assert.That(await TakeAllAsync(), Is.EqualTo(new[] { "first:", "second:", "third:" }));
        Assert.That(await _gateway.StateOfAsync("sent"), Is.EqualTo("delivered 1"));
    }

    [Test]
    public async Task A_queue_that_is_full_refuses()
    {
        for (var i = 0; i < CommandsUnderTest.MaxQueued; i++)
        {
            await SayAsync($"r{i}");
        }

        var refused = await _gateway.Consumer.SubmitAsync(Say("too-many"), CancellationToken.None);

        Assert.That(refused.Outcome, Is.EqualTo(SubmitOutcome.QueueFull));
    }

    [Test]
    public async Task Many_submissions_of_one_request_id_queue_one_command()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _gateway.Consumer.SubmitAsync(Say("once"), CancellationToken.None)));

        Assert.That(results.Count(result => result.Outcome is SubmitOutcome.Queued), Is.EqualTo(1));
        Assert.That(results.Count(result => result.Outcome is SubmitOutcome.Repeated), Is.EqualTo(7));
        Assert.That(await TakeAllAsync(), Has.Count.EqualTo(1));
    }

    [TestCase("""{"request_id":"r","device_id":"a","command_type":"say","payload":{"text":"x","n":[1]},"ttl":60}""", SubmitOutcome.Repeated, TestName = "The_same_id_with_the_same_body(as it was)")]
    [TestCase("""{"ttl":60,"payload":{"n":[1],"text":"x"},"command_type":"say","device_id":"a","request_id":"r"}""", SubmitOutcome.Repeated, TestName = "The_same_id_with_the_same_body(in another order)")]
    [TestCase("""{"request_id":"r","device_id":"a","command_type":"say","payload":{"text":"x","n":[2]},"ttl":60}""", SubmitOutcome.Conflict, TestName = "The_same_id_with_another_body(payload)")]
    [TestCase("""{"request_id":"r","device_id":"a","command_type":"say","payload":{"text":"x","n":[1]},"ttl":61}""", SubmitOutcome.Conflict, TestName = "The_same_id_with_another_body(ttl)")]
    public async Task The_same_id(string body, SubmitOutcome expected)
    {
        await _gateway.Consumer.SubmitAsync("""{"request_id":"r","device_id":"a","command_type":"say","payload":{"text":"x","n":[1]},"ttl":60}"""u8.ToArray(), CancellationToken.None);
        await _gateway.SpeakAsync("a");
        await _gateway.SpeakAsync("a");
        await _gateway.RestartAsync();

        var again = await _gateway.Consumer.SubmitAsync(Encoding.UTF8.GetBytes(body), CancellationToken.None);

        Assert.That(again.Outcome, Is.EqualTo(expected));
        Assert.That(again.Command?.State, Is.EqualTo(expected is SubmitOutcome.Repeated ? CommandState.Delivered : null), "what became of the first, long ended");
    }

    [Test]
    public async Task A_newer_command_of_the_same_key_takes_the_place_of_one_that_waits()
    {
        await SubmitAsync(Say("old") with { DedupKey = "interval" });
        await SayAsync("between");
        await SubmitAsync(Say("new") with { DedupKey = "interval" });

        Assert.That(await _gateway.StateOfAsync("old"), Is.EqualTo("superseded 0: command new has the same dedup_key and is newer"));
        Assert.That(await TakeAllAsync(), Is.EqualTo(new[] { "between:", "new:" }));
    }

    [Test]
    public async Task One_that_was_sent_is_not_superseded()
    {
        await SubmitAsync(Say("old") with { DedupKey = "interval" });
        await _gateway.SpeakAsync("a");
        await SubmitAsync(Say("new") with { DedupKey = "interval" });

        Assert.That(await _gateway.StateOfAsync("old"), Is.EqualTo("sent 1"));
    }

    [Test]
    public async Task All_that_wait_with_the_key_are_superseded_also_one_that_waits_again()
    {
        await SubmitAsync(Say("first") with { DedupKey = "interval", Confirm = CommandConfirm.Script });
        await _gateway.SpeakAsync("a");
        await SubmitAsync(Say("second") with { DedupKey = "interval" });
        await _gateway.SpeakAsync("a", "failed", confirmable: false);
        Assert.That(await _gateway.StateOfAsync("first"), Does.StartWith("queued 1"));

        await SubmitAsync(Say("third") with { DedupKey = "interval" });

        Assert.That(await _gateway.StateOfAsync("first"), Does.StartWith("superseded 1"));
        Assert.That(await _gateway.StateOfAsync("second"), Does.StartWith("superseded 0"));
        Assert.That(await TakeAllAsync(), Is.EqualTo(new[] { "third:" }));
    }

    [Test]
    public async Task Where_the_queue_is_full_a_key_still_takes_its_place()
    {
        await SubmitAsync(Say("old") with { DedupKey = "interval" });
        for (var i = 1; i < CommandsUnderTest.MaxQueued; i++)
        {
            await SayAsync($"r{i}");
        }

        await SubmitAsync(Say("new") with { DedupKey = "interval" });

        Assert.That(await _gateway.StateOfAsync("new"), Is.EqualTo("queued 0"));
    }

    [Test]
    public async Task A_silent_devices_command_expires_all_the_same()
    {
        await SubmitAsync(Say("late") with { Ttl = 60 });
        await SubmitAsync(Say("later") with { ExpiresAt = _gateway.Time.GetUtcNow().AddSeconds(61) });
        _gateway.Time.Advance(TimeSpan.FromMinutes(1));

        await _gateway.Consumer.SweepAsync(CancellationToken.None);

        Assert.That(await _gateway.StateOfAsync("late"), Is.EqualTo("expired 0: its time ran out before the device could be reached"));
        Assert.That(await _gateway.StateOfAsync("later"), Is.EqualTo("queued 0"));
    }

    [Test]
    public async Task The_store_gets_steps_together_and_at_once_when_somebody_wants_to_read_it()
    {
        await SayAsync("one");
        await SayAsync("two");
        var (before, lag) = (await _gateway.Store.FindAsync("one", CancellationToken.None), _gateway.Follower.Lag);

        var caughtUp = await _gateway.Follower.CaughtUpAsync(TimeSpan.FromMinutes(1), CancellationToken.None);

        Assert.That((before, lag, caughtUp, _gateway.Follower.Lag), Is.EqualTo(((QueuedCommand?)null, 2, true, 0)));
        Assert.That((await _gateway.Store.FindAsync("one", CancellationToken.None))!.State, Is.EqualTo(CommandState.Queued));
    }

    [Test]
    public async Task What_ended_long_ago_is_forgotten()
    {
        await SayAsync("old");
        await _gateway.Consumer.CancelAsync("old", CancellationToken.None);
        await SayAsync("waits");
        await _gateway.Follower.CaughtUpAsync(TimeSpan.FromMinutes(1), CancellationToken.None);
        _gateway.Time.Advance(TimeSpan.FromDays(8));

        await _gateway.Consumer.SweepAsync(CancellationToken.None);

        Assert.That(await _gateway.Consumer.FindAsync("old", CancellationToken.None), Is.Null);
        Assert.That(await _gateway.StateOfAsync("waits"), Is.EqualTo("queued 0"));
    }

    [Test]
    public async Task A_command_that_waits_can_be_taken_back_and_no_other()
    {
        await SayAsync("sent");
        await SayAsync("waits");
        await _gateway.SpeakAsync("a");

        var waits = await _gateway.Consumer.CancelAsync("waits", CancellationToken.None);
        var sent = await _gateway.Consumer.CancelAsync("sent", CancellationToken.None);
        var nobody = await _gateway.Consumer.CancelAsync("nobody", CancellationToken.None);

        Assert.That((waits!.State, sent!.State, nobody), Is.EqualTo((CommandState.Cancelled, CommandState.Sent, (QueuedCommand?)null)));
        Assert.That(await TakeAllAsync(), Is.Empty);
    }

    [Test]
    public async Task Commands_are_listed_by_device_and_state_a_page_at_a_time()
    {
        await _gateway.AddDeviceAsync("b");
        foreach (var id in new[] { "r1", "r2", "r3" })
        {
            await SayAsync(id);
        }

        await SubmitAsync(Say("other") with { DeviceId = "b" });
        await _gateway.SpeakAsync("a");

        var first = await _gateway.Consumer.ListAsync(new CommandQuery(DeviceId.Parse("a"), null, long.MaxValue, 2), CancellationToken.None);
        var second = await _gateway.Consumer.ListAsync(new CommandQuery(DeviceId.Parse("a"), null, first.Next!.Value, 2), CancellationToken.None);
        var queued = await _gateway.Consumer.ListAsync(new CommandQuery(DeviceId.None, CommandState.Queued, long.MaxValue, 10), CancellationToken.None);

        Assert.That((Ids(first), Ids(second), second.Next), Is.EqualTo(("r3 r2", "r1", (long?)null)));
        Assert.That(Ids(queued), Is.EqualTo("other r3 r2"));
        static string Ids(CommandPage page) => string.Join(' ', page.Commands.Select(command => command.RequestId));
    }

    [TestCase("say", "{}", "payload.text is missing")]
    [TestCase("say", """{"text": 5}""", "payload.text must be a string, not 5")]
    [TestCase("say", """{"text": "\ud800"}""", "no Unicode")]
    [TestCase("say", """{"text": "a", "deep": [{"\udc00": 1}]}""", "no Unicode")]
    [TestCase("sing", "{}", "knows no command of type \"sing\"")]
    public async Task The_caller_is_told_at_once_what_the_script_thinks_of_it(string type, string payload, string message)
    {
        var result = await _gateway.Consumer.SubmitAsync(new CommandRequest { DeviceId = "a", CommandType = type, Payload = JsonElement.Parse(payload) }, CancellationToken.None);

        Assert.That(result.Outcome, Is.EqualTo(SubmitOutcome.Invalid));
        Assert.That(result.Problems[0].Message, Does.Contain(message));
    }

    [Test]
    public async Task Evidence_that_no_script_can_give_is_not_asked_for()
    {
        _gateway.WriteScript("""
            List<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config) => [];
            byte[]? format_command(Command command, DeviceConfig config) => [1];
            """);
        await _gateway.RestartAsync();

        var result = await _gateway.Consumer.SubmitAsync(new CommandRequest { DeviceId = "a", CommandType = "set", Confirm = CommandConfirm.Script }, CancellationToken.None);

        Assert.That(result.Outcome, Is.EqualTo(SubmitOutcome.Invalid));
        Assert.That(result.Problems[0], Is.EqualTo(new CommandProblem("confirm", "test.csx has no confirm function, so there will never be evidence: take \"next_message\" or \"sent\"")));
    }

    [Test]
    public async Task Metrics_tell_profiles_and_types_and_no_devices()
    {
        await SayAsync("r1");
        await _gateway.SpeakAsync("a");
        await _gateway.SpeakAsync("a");

        Assert.Multiple(() =>
        {
            Assert.That(_gateway.Meters.Count("gateway.command.steps"), Is.EqualTo(3));
            Assert.That(_gateway.Meters.Count("gateway.command.age"), Is.EqualTo(1));
            Assert.That(_gateway.Meters.Count("gateway.command.attempts"), Is.EqualTo(1));
            Assert.That(_gateway.Meters.Count("gateway.command.delivery.duration"), Is.EqualTo(1));
        });
    }

    private static CommandRequest Say(string id) => new()
    {
        RequestId = id,
        DeviceId = "a",
        CommandType = "say",
        Payload = JsonElement.Parse("""{"text": ""}"""),
    };

    private Task SayAsync(string id) => SubmitAsync(Say(id));

    private async Task SubmitAsync(CommandRequest request)
    {
        var result = await _gateway.Consumer.SubmitAsync(request, CancellationToken.None);
        Assert.That(result.Outcome, Is.EqualTo(SubmitOutcome.Queued), string.Join("; ", result.Problems));
    }

    private async Task<IReadOnlyList<string>> TakeAllAsync()
    {
        var taken = new List<string>();
        while (await _gateway.SpeakAsync("a") is { } text)
        {
            taken.Add(text);
        }

        return taken;
    }
}
