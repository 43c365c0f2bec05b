using System.Text.Json;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Journal;

namespace Gateway.Tests.Commands;

/// <summary>From a waiting command to evidence: what each message of a device means, and what its answer carries.</summary>
internal sealed class CommandDeliveryTests
{
    private CommandsUnderTest _gateway = null!;

    [SetUp]
    public Task StartAsync() => StartAsync(CommandsUnderTest.Script);

    [TearDown]
    public async Task StopAsync() => await _gateway.DisposeAsync();

    [Test]
    public async Task The_next_command_is_the_one_with_the_highest_priority()
    {
        await SayAsync("a", "first");
        await SayAsync("a", "second");
        await SayAsync("a", "urgent", priority: 1);

        Assert.That(await TalkAsync("a", "", "", "", ""), Is.EqualTo("urgent: first: second: -"));
    }

    [Test]
    public async Task By_default_a_command_is_delivered_when_its_device_speaks_again()
    {
        await SayAsync("a", "r1");

        var before = await _gateway.SpeakAsync("a");
        var sent = await _gateway.StateOfAsync("r1");
        await _gateway.SpeakAsync("a");

        Assert.That((before, sent, await _gateway.StateOfAsync("r1")), Is.EqualTo(("r1:", "sent 1", "delivered 1")));
    }

    [Test]
    public async Task A_frame_that_was_received_before_a_command_went_out_tells_nothing_of_it()
    {
        await SayAsync("a", "r1");
        var before = _gateway.Time.GetUtcNow();
        _gateway.Time.Advance(TimeSpan.FromSeconds(30));
        await _gateway.SpeakAsync("a");

        // It had to wait in the gateway, and is looked at only now.
        await _gateway.SpeakAsync("a", receivedAt: before);
        var after = await _gateway.StateOfAsync("r1");
        await _gateway.SpeakAsync("a");

        Assert.That((after, await _gateway.StateOfAsync("r1")), Is.EqualTo(("sent 1", "delivered 1")));
    }

    [Test]
    public async Task A_frame_that_was_received_long_before_a_command_was_queued_does_not_carry_it()
    {
        var before = _gateway.Time.GetUtcNow();
        _gateway.Time.Advance(TimeSpan.FromSeconds(30));
        await SayAsync("a", "r1");

        var late = await _gateway.SpeakAsync("a", receivedAt: before);
        var state = await _gateway.StateOfAsync("r1");

        Assert.That((late, state, await _gateway.SpeakAsync("a")), Is.EqualTo(((string?)null, "queued 0", "r1:")));
    }

    [Test]
    public async Task A_NON_confirms_and_carries_nothing()
    {
        await SayAsync("a", "r1");
        await SayAsync("a", "r2");
        await _gateway.SpeakAsync("a");

        var answer = await _gateway.SpeakAsync("a", confirmable: false);

        Assert.That((answer, await _gateway.StateOfAsync("r1"), await _gateway.StateOfAsync("r2")), Is.EqualTo(((string?)null, "delivered 1", "queued 0")));
    }

    [Test]
    public async Task Who_trusts_asks_for_no_evidence()
    {
        await SayAsync("trusting", "r1");
        await SayAsync("trusting", "r2", confirm: CommandConfirm.NextMessage);

        Assert.That(await TalkAsync("trusting", ""), Is.EqualTo("r1:"));
        Assert.That(await _gateway.StateOfAsync("r1"), Is.EqualTo("delivered 1"));
        await TalkAsync("trusting", "");
        Assert.That(await _gateway.StateOfAsync("r2"), Is.EqualTo("sent 1"), "the caller's word comes before the profile's");
    }

    [TestCase("ok r1", "applied 1")]
    [TestCase("no r1", "rejected 1: the device said no")]
    [TestCase("hello", "sent 1")]
    [TestCase("bug r1", "sent 1", Description = "a script that fails says nothing")]
    public async Task A_script_reads_the_evidence(string message, string state)
    {
        await SayAsync("asking", "r1");

        await TalkAsync("asking", "", message);

        Assert.That(await _gateway.StateOfAsync("r1"), Is.EqualTo(state));
    }

    [Test]
    public async Task While_there_is_no_evidence_those_behind_wait_and_more_urgent_ones_do_not()
    {
        await SayAsync("asking", "r1");
        await SayAsync("asking", "r2");
        await TalkAsync("asking", "");
        await SayAsync("asking", "urgent", priority: 1);

        Assert.That(await TalkAsync("asking", "", "", "ok urgent", "ok r1", "ok r2"), Is.EqualTo("urgent: - - r2: -"));
    }

    [Test]
    public async Task Without_evidence_a_command_is_sent_again_in_its_order_until_it_fails()
    {
        await SayAsync("asking", "r1", maxAttempts: 2);
        await SayAsync("asking", "r2");

        var first = await TalkAsync("asking", "", "");
        _gateway.Time.Advance(TimeSpan.FromSeconds(60));
        var again = await TalkAsync("asking", "", "");
        var state = await _gateway.StateOfAsync("r1");
        _gateway.Time.Advance(TimeSpan.FromSeconds(60));
        var next = await TalkAsync("asking", "");

        Assert.That((first, again, next), Is.EqualTo(("r1: -", "r1: -", "r2:")));
        Assert.That((state, await _gateway.StateOfAsync("r1")), Is.EqualTo(
            ("sent 2: no evidence within 60 s", "failed 2: it was sent 2 times, as often as it may be, and there was no evidence that it was applied")));
    }

    [Test]
    public async Task Time_alone_gives_nothing_up()
    {
        await SayAsync("asking", "r1", maxAttempts: 1);
        await TalkAsync("asking", "");
        _gateway.Time.Advance(TimeSpan.FromDays(1));
        await _gateway.Consumer.SweepAsync(CancellationToken.None);

        Assert.That(await _gateway.StateOfAsync("r1"), Is.EqualTo("sent 1"), "a device that sleeps a day may have done it");
        await TalkAsync("asking", "ok r1");
        Assert.That(await _gateway.StateOfAsync("r1"), Is.EqualTo("applied 1"));
    }

    [Test]
    public async Task Late_evidence_counts()
    {
        await SayAsync("asking", "r1");
        await TalkAsync("asking", "");
        _gateway.Time.Advance(TimeSpan.FromSeconds(60));
        await _gateway.SpeakAsync("asking", confirmable: false);
        var givenUp = await _gateway.StateOfAsync("r1");

        Assert.That(await TalkAsync("asking", "ok r1"), Is.EqualTo("-"), "it is not sent again");
        Assert.That((givenUp, await _gateway.StateOfAsync("r1")), Is.EqualTo(("queued 1: no evidence within 60 s", "applied 1")));
    }

    [Test]
    public async Task A_device_whose_exchange_failed_gets_the_command_again_at_once()
    {
        await SayAsync("a", "r1", maxAttempts: 2);
        await SayAsync("a", "r2");

        var talk = await TalkAsync("a", "", "failed");
        var again = await _gateway.StateOfAsync("r1");
        var next = await TalkAsync("a", "failed");

        Assert.That((talk, next), Is.EqualTo(("r1: r1:", "r2:")));
        Assert.That((again, (await _gateway.StateOfAsync("r1"))[..8]), Is.EqualTo(("sent 2: the device says that its last exchange failed", "failed 2")));
    }

    [Test]
    public async Task A_failed_exchange_told_in_a_NON_puts_the_command_back()
    {
        await SayAsync("a", "r1");
        await TalkAsync("a", "");

        await _gateway.SpeakAsync("a", "failed", confirmable: false);

        Assert.That(await _gateway.StateOfAsync("r1"), Is.EqualTo("queued 1: the device says that its last exchange failed"));
        Assert.That(await TalkAsync("a", ""), Is.EqualTo("r1:"));
    }

    [TestCase("fail_when_sent", "not now")]
    [TestCase("unknown_when_sent", "knows no command of type \"unknown_when_sent\"")]
    public async Task A_command_that_fails_ends_and_the_next_goes_out_with_the_same_answer(string type, string reason)
    {
        await SubmitAsync(new CommandRequest { RequestId = "bad", DeviceId = "a", CommandType = type });
        await SayAsync("a", "next");

        Assert.That(await TalkAsync("a", ""), Is.EqualTo("next:"));
        Assert.That(await _gateway.StateOfAsync("bad"), Does.StartWith("failed 0: ").And.Contain(reason));
    }

    [Test]
    public async Task A_command_that_does_not_fit_fails_where_there_is_no_room_and_goes_out_where_there_is()
    {
        await SubmitAsync(Large("one", 2000));
        await SubmitAsync(Large("two", 2000));
        await SayAsync("a", "small");

        var blocks = await _gateway.SpeakAsync("a", room: 100_000);
        var message = await _gateway.SpeakAsync("a");

        Assert.That((blocks!.Length, message), Is.EqualTo((2000, "small:")));
        Assert.That(await _gateway.StateOfAsync("two"), Is.EqualTo("failed 0: too_large: it takes 2000 bytes, and the answer has room for 1024; a device that asks with Block2 gets larger ones"));
    }

    [Test]
    public async Task A_command_whose_time_ran_out_is_not_sent()
    {
        await SubmitAsync(Say("a", "late") with { Ttl = 60 });
        await SayAsync("a", "next");
        _gateway.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.That(await TalkAsync("a", ""), Is.EqualTo("next:"));
        Assert.That(await _gateway.StateOfAsync("late"), Does.StartWith("expired 0"));
    }

    [Test]
    public async Task A_command_without_evidence_expires_instead_of_being_sent_again()
    {
        await SubmitAsync(Say("asking", "r1") with { Ttl = 30 });
        await TalkAsync("asking", "");
        _gateway.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.That(await TalkAsync("asking", ""), Is.EqualTo("-"));
        Assert.That(await _gateway.StateOfAsync("r1"), Is.EqualTo("expired 1: its time ran out; it had been sent once without evidence that it was applied"));
    }

    [Test]
    public async Task A_command_waits_for_its_time()
    {
        await SubmitAsync(Say("a", "later") with { NotBefore = _gateway.Time.GetUtcNow().AddMinutes(1), Priority = 9 });
        await SayAsync("a", "now");

        var now = await TalkAsync("a", "", "");
        _gateway.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.That((now, await TalkAsync("a", "")), Is.EqualTo(("now: -", "later:")));
    }

    [Test]
    public async Task A_script_that_merges_sends_several_in_one_answer()
    {
        await _gateway.DisposeAsync();
        await StartAsync(CommandsUnderTest.MergingScript);
        await SayAsync("asking", "r1");
        await SubmitAsync(Large("big", 10, "asking"));
        await SayAsync("asking", "r2");
        await SayAsync("asking", "urgent", priority: 1);

        var talk = await TalkAsync("asking", "", "ok urgent", "ok r1", "ok big");

        Assert.That(talk[..3], Is.EqualTo(", -"), "those before the one that can't be merged, and then nobody, for one of them has not been confirmed");
        Assert.That(await _gateway.StateOfAsync("urgent"), Is.EqualTo("applied 1"));
        Assert.That(await _gateway.StateOfAsync("r2"), Is.EqualTo("sent 1"));
    }

    [Test]
    public async Task A_merged_answer_that_does_not_fit_is_sent_one_by_one()
    {
        await _gateway.DisposeAsync();
        await StartAsync(CommandsUnderTest.MergingScript);
        await SubmitAsync(Say("a", "r1", new string('x', 600)));
        await SubmitAsync(Say("a", "r2", new string('y', 600)));

        var answer = await _gateway.SpeakAsync("a");

        Assert.That(answer, Does.StartWith("r1:xxx").And.Length.EqualTo(603));
        Assert.That(await _gateway.StateOfAsync("r2"), Is.EqualTo("queued 0"));
    }

    [Test]
    public async Task The_frame_and_the_steps_are_in_one_group_of_the_journal()
    {
        await SayAsync("a", "r1");
        await SayAsync("a", "r2");
        await TalkAsync("a", "", "");

        var records = _gateway.Journal.Read(0, 100);
        var second = records.Single(record => record.RequestId == "u2" && record.Kind is JournalRecordKind.Uplink).Sequence;
        var steps = records.Where(record => record.Sequence > second && record.RequestId == "u2").ToArray();

        Assert.That(steps.Select(record => (record.Sequence - second, record.Command!.CommandId, record.Command.From, record.Command.State, record.Command.Attempt)), Is.EqualTo(new[]
        {
            (1L, "r1", CommandStepState.Sent, CommandStepState.Delivered, 1),
            (2L, "r2", CommandStepState.Queued, CommandStepState.Sent, 1),
        }));
        Assert.That(steps[1].Command!.Body.ToArray(), Is.EqualTo("r2:"u8.ToArray()), "what went out");
    }

    [Test]
    public async Task Two_messages_at_once_never_carry_the_same_command()
    {
        foreach (var i in Enumerable.Range(0, 5))
        {
            await SayAsync("a", $"r{i}");
        }

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => _gateway.SpeakAsync("a"))));

        Assert.That(answers.Where(answer => answer is not null), Is.EquivalentTo(Enumerable.Range(0, 5).Select(i => $"r{i}:")));
    }

    private async Task StartAsync(string script)
    {
        _gateway = await CommandsUnderTest.StartAsync(script);
        await _gateway.AddDeviceAsync("a");
        await _gateway.AddDeviceAsync("asking", "asks");
        await _gateway.AddDeviceAsync("trusting", "trusts");
    }

    // What the answers to these messages carry.
    private async Task<string> TalkAsync(string device, params string[] messages)
    {
        var answers = new List<string>();
        foreach (var message in messages)
        {
            answers.Add(await _gateway.SpeakAsync(device, message) ?? "-");
        }

        return string.Join(' ', answers);
    }

    [Test]
    public async Task A_message_that_comes_again_gets_the_same_answer_and_moves_nothing_on()
    {
        await StopAsync();
        await StartAsync(CommandsUnderTest.MergingScript);
        await SubmitAsync(Say("a", "r1", "one"));
        await SubmitAsync(Say("a", "r2", "two"));

        var first = await _gateway.SpeakAsync("a", digest: 1);
        await SayAsync("a", "r3");
        var again = await _gateway.SpeakAsync("a", digest: 1);
        var non = await _gateway.SpeakAsync("a", confirmable: false, digest: 1);
        var states = (await _gateway.StateOfAsync("r1"), await _gateway.StateOfAsync("r2"), await _gateway.StateOfAsync("r3"));
        await _gateway.SpeakAsync("a", digest: 2);

        Assert.That((first, again, non), Is.EqualTo(("one,two", "one,two", (string?)null)));
        Assert.That(states, Is.EqualTo(("sent 1", "sent 1", "queued 0")));
        Assert.That(await _gateway.StateOfAsync("r2"), Is.EqualTo("delivered 1"));
    }

    [Test]
    public async Task A_command_that_finds_too_little_room_before_its_device_is_known_waits_and_keeps_its_place()
    {
        await SubmitAsync(Large("r1", 500));
        await SayAsync("a", "r2");

        var small = await _gateway.SpeakAsync("a", room: 120);
        var waiting = await _gateway.StateOfAsync("r1");
        var large = await _gateway.SpeakAsync("a", room: 600);
        await SubmitAsync(Large("r3", 2000));
        await _gateway.SpeakAsync("a");
        await _gateway.SpeakAsync("a");

        Assert.That((small, waiting, large?.Length), Is.EqualTo(((string?)null, "queued 0", 500)), "nothing overtakes it");
        Assert.That(await _gateway.StateOfAsync("r3"), Does.StartWith("failed 0: too_large"), "no answer will ever have so much");
    }

    private static CommandRequest Say(string device, string id, string text = "") => new()
    {
        RequestId = id,
        DeviceId = device,
        CommandType = "say",
        Payload = JsonSerializer.SerializeToElement(new { text }),
    };

    private static CommandRequest Large(string id, int bytes, string device = "a") => new()
    {
        RequestId = id,
        DeviceId = device,
        CommandType = "large",
        Payload = JsonSerializer.SerializeToElement(new { bytes }),
    };

    private Task SayAsync(string device, string id, int priority = 0, int? maxAttempts = null, CommandConfirm? confirm = null) =>
        SubmitAsync(Say(device, id) with { Priority = priority, MaxAttempts = maxAttempts, Confirm = confirm });

    private async Task SubmitAsync(CommandRequest request)
    {
        var result = await _gateway.Consumer.SubmitAsync(request, CancellationToken.None);
        Assert.That(result.Outcome, Is.EqualTo(SubmitOutcome.Queued), string.Join("; ", result.Problems));
    }
}
