using Gateway.Coap;
using Gateway.Commands;
using Gateway.Devices;

namespace Gateway.Tests.Commands.Exchanges;

/// <summary>When a command is likely to go out, and why it has not.</summary>
internal sealed class CommandOutlookTests
{
    private CommandsUnderTest _gateway = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _gateway = await CommandsUnderTest.StartAsync(CommandsUnderTest.Script);
        await _gateway.AddDeviceAsync("a", "asks");
    }

    [TearDown]
    public async Task StopAsync() => await _gateway.DisposeAsync();

    [Test]
    public async Task Of_a_device_that_has_not_spoken_nothing_is_known() => Assert.That(
        await AskAsync("x"), Is.EqualTo((null as TimeSpan?, "the device has not spoken since the start of the gateway, so nothing is known of when it will")));

    [Test]
    public async Task A_regular_device_is_expected_after_its_usual_interval()
    {
        Speaks(-7200, -3600, -600);

        var (at, why) = await AskAsync("x");

        Assert.That(at, Is.EqualTo(TimeSpan.FromSeconds(3000)), "of an even number the upper one of the middle counts");
        Assert.That(why, Does.Contain("it has not spoken since").And.Contain("about every 3600 s"));
    }

    [Test]
    public async Task One_that_is_overdue_is_expected_at_its_next_turn()
    {
        Speaks(-3700, -3600, -3500);

        Assert.That((await AskAsync("x")).At, Is.EqualTo(TimeSpan.Zero).Or.EqualTo(TimeSpan.FromSeconds(100)));
    }

    [Test]
    public async Task A_device_that_sends_NON_for_the_most_part_is_expected_at_its_next_CON()
    {
        Speaks(-1300);
        NON(-1200, -1100, -1000, -900, -800);
        Speaks(-700);
        NON(-600, -500, -400, -300, -200);
        Speaks(-100);
        NON(-50);

        var (at, why) = await AskAsync("x");

        Assert.That(at, Is.EqualTo(TimeSpan.FromSeconds(500)));
        Assert.That(why, Does.Contain("3 of 14 were confirmable"));
    }

    [Test]
    public async Task None_is_expected_where_none_was_confirmable()
    {
        NON(-60, -50);

        var (at, why) = await AskAsync("x");
        NON(10);

        Assert.That((at, why), Is.EqualTo((null as TimeSpan?, "it has not spoken since; its last message came at 2026-01-02T03:03:15Z; none of its 2 messages since the start of the gateway was confirmable")));
        Assert.That((await AskAgainAsync("x")).Why, Does.StartWith("it has spoken since, but in no confirmable message (CON)"));
    }

    [Test]
    public async Task What_the_device_says_itself_counts_most()
    {
        Speaks(-120, -60);
        _gateway.Exchanges.Note(Exchange(-1, confirmable: true), "2026-01-02T04:00:00Z");

        var (at, why) = await AskAsync("x");

        Assert.That(at, Is.EqualTo(new DateTimeOffset(2026, 1, 2, 4, 0, 0, TimeSpan.Zero) - SomeCommands.Now));
        Assert.That(why, Does.Contain("it says that it speaks again at 2026-01-02T04:00:00Z"));
    }

    [Test]
    public async Task Those_ahead_take_a_turn_each_and_not_before_and_expiry_are_told()
    {
        Speaks(-200, -100, 0);
        await QueueAsync(new CommandRequest { RequestId = "first" });
        await QueueAsync(new CommandRequest { RequestId = "second", Ttl = 150 });
        await QueueAsync(new CommandRequest { RequestId = "later", NotBefore = SomeCommands.Now.AddSeconds(1000), Priority = 1 });

        var (at, why) = await AskAgainAsync("second");
        Assert.That((await AskAgainAsync("first")).At, Is.EqualTo(TimeSpan.FromSeconds(100)));
        Assert.That(at, Is.EqualTo(TimeSpan.FromSeconds(200)));
        Assert.That(why, Does.StartWith("one command goes before it").And.EndWith("it expires at 2026-01-02T03:06:35Z, before that"));
        (at, why) = await AskAgainAsync("later");
        Assert.That(at, Is.EqualTo(TimeSpan.FromSeconds(1000)));
        Assert.That(why, Does.StartWith("it is not sent before 2026-01-02T03:20:45Z"));
    }

    [Test]
    public async Task One_that_was_sent_waits_for_evidence_and_others_wait_behind_it()
    {
        Speaks(-200, -100, 0);
        await QueueAsync(new CommandRequest { RequestId = "first" });
        await _gateway.SpeakAsync("a");
        await QueueAsync(new CommandRequest { RequestId = "second" });

        Assert.That((await AskAgainAsync("first")).Why, Does.StartWith("it was sent at 2026-01-02T03:04:05Z, attempt 1 of 5; each message of the device is looked through for evidence; without it, the first confirmable message after 2026-01-02T03:05:05Z gets the command again"));
        Assert.That((await AskAgainAsync("first")).At, Is.EqualTo(TimeSpan.FromSeconds(100)));
        Assert.That((await AskAgainAsync("second")).Why, Does.StartWith("it waits behind first, which was sent at 2026-01-02T03:04:05Z and has no evidence yet"));
    }

    [Test]
    public async Task Why_a_message_did_not_fetch_it_is_told()
    {
        Speaks(-100);
        await QueueAsync(new CommandRequest { RequestId = "x" });
        _gateway.Exchanges.Note(Exchange(10, confirmable: true) with { Verdict = CommandVerdict.Refused, Code = CoapCode.BadRequest });
        _gateway.Exchanges.Note(Exchange(20, confirmable: false) with { Verdict = CommandVerdict.NotConfirmable });

        Assert.That((await AskAgainAsync("x")).Why, Does.EndWith("its message at 2026-01-02T03:04:15Z did not fetch it: the answer was an error (4.00), which is no place for a command"));
    }

    [Test]
    public async Task Of_a_device_that_is_held_or_gone_nothing_is_to_be_expected()
    {
        Speaks(-200, -100);
        await QueueAsync(new CommandRequest { RequestId = "x" });

        await _gateway.Directory.EditAsync(DeviceId.Parse("a"), (device, _) => device! with { State = DeviceState.Held }, CancellationToken.None);
        var (at, why) = await AskAgainAsync("x");
        Assert.That((at, why[..29]), Is.EqualTo((null as TimeSpan?, "the device waits for approval")));
        await _gateway.Directory.DeleteAsync(DeviceId.Parse("a"), _ => true, CancellationToken.None);
        (at, why) = await AskAgainAsync("x");
        Assert.That((at, why[..36]), Is.EqualTo((null as TimeSpan?, "the device is not registered any more"[..36])));
    }

    [Test]
    public async Task What_has_ended_has_no_outlook()
    {
        await QueueAsync(new CommandRequest { RequestId = "x" });
        var cancelled = await _gateway.Consumer.CancelAsync("x", CancellationToken.None);

        Assert.That(await _gateway.Outlooks.OfAsync(cancelled!, CancellationToken.None), Is.Null);
    }

    private void Speaks(params int[] seconds) => Note(seconds, confirmable: true);

    private void NON(params int[] seconds) => Note(seconds, confirmable: false);

    private void Note(int[] seconds, bool confirmable)
    {
        foreach (var at in seconds)
        {
            _gateway.Exchanges.Note(Exchange(at, confirmable));
        }
    }

    private static DeviceExchange Exchange(int seconds, bool confirmable) => new()
    {
        Id = Guid.NewGuid(),
        Device = DeviceId.Parse("a"),
        Profile = "asks",
        ReceivedAt = SomeCommands.Now.AddSeconds(seconds),
        Took = TimeSpan.Zero,
        Method = CoapCode.Post,
        Path = "/",
        Peer = "",
        Confirmable = confirmable,
        PayloadLength = 0,
        Code = CoapCode.Created,
        AnswerLength = 0,
    };

    private async Task QueueAsync(CommandRequest request)
    {
        var result = await _gateway.Consumer.SubmitAsync(
            request with { DeviceId = "a", CommandType = "say", Payload = System.Text.Json.JsonElement.Parse("""{"text": "x"}""") }, CancellationToken.None);
        Assert.That(result.Outcome, Is.EqualTo(SubmitOutcome.Queued), string.Join("; ", result.Problems));
    }

    private async Task<(TimeSpan? At, string Why)> AskAsync(string requestId)
    {
        await QueueAsync(new CommandRequest { RequestId = requestId });
        return await AskAgainAsync(requestId);
    }

    private async Task<(TimeSpan? At, string Why)> AskAgainAsync(string requestId)
    {
        var outlook = (await _gateway.Outlooks.OfAsync((await _gateway.Consumer.FindAsync(requestId, CancellationToken.None))!, CancellationToken.None))!;
        return (outlook.LikelyAt - SomeCommands.Now, string.Join("; ", outlook.Because));
    }
}
