using System.Text.Json;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Journal;
using Gateway.Scripting.Contract;
using Gateway.Tests.Journal;
using Gateway.Tests.Support;

namespace Gateway.Tests.Commands;

/// <summary>What a start makes of the journal and the store, whatever each of them has missed.</summary>
internal sealed class CommandReplayTests
{
    private CommandsUnderTest _gateway = null!;

    [TearDown]
    public async Task StopAsync() => await _gateway.DisposeAsync();

    [Test]
    public async Task What_the_store_has_missed_is_in_the_journal()
    {
        await StartAsync(storeFollows: false);
        await SayAsync("delivered");
        await SayAsync("sent");
        await SayAsync("waits", priority: -1);
        await SayAsync("cancelled", priority: -2);
        await _gateway.SpeakAsync("a");
        await _gateway.SpeakAsync("a");
        await _gateway.Consumer.CancelAsync("cancelled", CancellationToken.None);

        await _gateway.RestartAsync();

        Assert.That(await StatesAsync("delivered", "sent", "waits", "cancelled"), Is.EqualTo("delivered 1, sent 1, queued 0, cancelled 0: cancelled by the caller"));
        Assert.That(await _gateway.SpeakAsync("a"), Is.EqualTo("waits:"));
        Assert.That(await StatesAsync("sent", "waits"), Is.EqualTo("delivered 1, sent 1"), "the in-flight one, and its device's next message");
        Assert.That((await _gateway.Consumer.FindAsync("sent", CancellationToken.None))!.History.Select(step => step.State),
            Is.EqualTo(new[] { CommandState.Queued, CommandState.Sent, CommandState.Delivered }));
    }

    [Test]
    public async Task What_was_sent_before_a_restart_is_waited_for_as_long_as_it_would_have_been()
    {
        await StartAsync(storeFollows: false);
        await SayAsync("r1", device: "asking");
        await _gateway.SpeakAsync("asking");
        _gateway.Time.Advance(TimeSpan.FromSeconds(59));
        await _gateway.RestartAsync();

        var early = await _gateway.SpeakAsync("asking");
        _gateway.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.That((early, await _gateway.SpeakAsync("asking")), Is.EqualTo(((string?)null, "r1:")));
        Assert.That(await StatesAsync("r1"), Is.EqualTo("sent 2: no evidence within 60 s"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task What_the_device_said_before_is_known_to_the_script_over_a_restart(bool storeFollows)
    {
        await StartAsync(storeFollows);
        await SayAsync("r1", device: "asking");
        await _gateway.SpeakAsync("asking", "hash-7");
        Assert.That(!storeFollows || await _gateway.Follower.CaughtUpAsync(TimeSpan.FromMinutes(1), CancellationToken.None));
        await _gateway.RestartAsync();

        await _gateway.SpeakAsync("asking", "after r1 hash-8");
        Assert.That(await StatesAsync("r1"), Is.EqualTo("sent 1"), "that is not what it said");
        await _gateway.SpeakAsync("asking", "after r1 hash-7");

        Assert.That(await StatesAsync("r1"), Is.EqualTo("applied 1"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task The_message_that_carried_a_command_is_known_again_after_a_restart(bool storeFollows)
    {
        await StartAsync(storeFollows);
        await SayAsync("r1");
        await SayAsync("r2");
        var first = await _gateway.SpeakAsync("a", "hello", digest: 7);
        Assert.That(!storeFollows || await _gateway.Follower.CaughtUpAsync(TimeSpan.FromMinutes(1), CancellationToken.None));
        await _gateway.RestartAsync();

        var again = await _gateway.SpeakAsync("a", "hello", digest: 7);
        var states = await StatesAsync("r1", "r2");
        var next = await _gateway.SpeakAsync("a", "hello", digest: 8);

        Assert.That((first, again, states), Is.EqualTo(("r1:", "r1:", "sent 1, queued 0")), "the same bytes, and nothing moves on");
        Assert.That((next, await StatesAsync("r1", "r2")), Is.EqualTo(("r2:", "delivered 1, sent 1")));
    }

    [Test]
    public async Task The_store_catches_up_and_the_journal_may_forget()
    {
        await StartAsync();
        await SayAsync("r1");
        await _gateway.SpeakAsync("a");

        Assert.That(await _gateway.Follower.CaughtUpAsync(TimeSpan.FromMinutes(1), CancellationToken.None));
        await Eventually.HoldsAsync(
            () =>
            {
                _gateway.Time.Advance(TimeSpan.FromSeconds(10));
                return _gateway.Journal.Cursor(CommandFollower.Cursor) == _gateway.Journal.LastSequence;
            },
            "the cursor reaches the end of the journal");
        Assert.That((await _gateway.Store.FindAsync("r1", CancellationToken.None))!.State, Is.EqualTo(CommandState.Sent));
        Assert.That((await _gateway.Store.PositionAsync(CancellationToken.None)).Sequence, Is.EqualTo(_gateway.Journal.LastSequence));
    }

    [Test]
    public async Task A_lost_store_is_made_anew_from_the_journal()
    {
        await StartAsync();
        await SayAsync("ended");
        await SayAsync("waits");
        await _gateway.SpeakAsync("a");
        await _gateway.SpeakAsync("a");
        await SayAsync("later");

        await _gateway.RestartAsync(() => File.Delete(_gateway.PathOf("gateway.db")));
        await _gateway.AddDeviceAsync("a");

        Assert.That(await StatesAsync("ended", "waits", "later"), Is.EqualTo("delivered 1, sent 1, queued 0"));
        Assert.That(await _gateway.SpeakAsync("a"), Is.EqualTo("later:"));
    }

    [Test]
    public async Task An_old_backup_of_the_store_is_brought_up_to_date()
    {
        await StartAsync();
        await SayAsync("r1");
        await _gateway.RestartAsync(() => File.Copy(_gateway.PathOf("gateway.db"), _gateway.PathOf("backup.db")));
        await _gateway.SpeakAsync("a");
        await SayAsync("r2");

        await _gateway.RestartAsync(() => File.Copy(_gateway.PathOf("backup.db"), _gateway.PathOf("gateway.db"), overwrite: true));

        Assert.That(await StatesAsync("r1", "r2"), Is.EqualTo("sent 1, queued 0"));
    }

    [Test]
    public async Task With_another_journal_what_waits_stays_and_what_comes_stands_behind_it()
    {
        await StartAsync();
        await SayAsync("sent");
        await SayAsync("old");
        await _gateway.SpeakAsync("a");

        await _gateway.RestartAsync(() => DeleteJournal());
        await SayAsync("new");
        await _gateway.RestartAsync();

        Assert.That(_gateway.Log.Entries.Count(entry => entry.EventId == 1510), Is.EqualTo(1), "told once");
        Assert.That(await _gateway.SpeakAsync("a"), Is.EqualTo("old:"));
        Assert.That(await _gateway.SpeakAsync("a"), Is.EqualTo("new:"));
    }

    [Test]
    public async Task What_cannot_be_made_durable_has_not_happened()
    {
        await StartAsync();
        await SayAsync("r1");
        await ((SqliteJournal)_gateway.Journal).StopAsync(CancellationToken.None);

        var refused = await _gateway.Consumer.SubmitAsync(Say("r2"), CancellationToken.None);

        Assert.That(refused.Outcome, Is.EqualTo(SubmitOutcome.Unavailable));
        Assert.That(async () => await _gateway.SpeakAsync("a"), Throws.TypeOf<JournalUnavailableException>());
        Assert.That(async () => await _gateway.Consumer.CancelAsync("r1", CancellationToken.None), Throws.TypeOf<JournalUnavailableException>());
        Assert.That(await _gateway.Consumer.FindAsync("r2", CancellationToken.None), Is.Null);
        await _gateway.RestartAsync();
        Assert.That(await StatesAsync("r1"), Is.EqualTo("queued 0"));
    }

    [Test]
    public async Task A_commit_that_took_too_long_puts_the_command_back()
    {
        await StartAsync();
        await SayAsync("r1");
        var device = DeviceId.Parse("a");
        var registration = (await _gateway.Registry.FindAsync((await _gateway.Directory.FindAsync(device, CancellationToken.None))!, CancellationToken.None)).Registration;
        var request = new UplinkRequest { RequestId = "slow", Method = "POST", Path = "/", ReceivedAt = _gateway.Time.GetUtcNow(), Peer = "" };
        var commit = new TaskCompletionSource<long>();
        var (exchange, _) = await _gateway.Delivery.BeginAsync(device, new CommandMessage(registration, default, request, Carries: true), CancellationToken.None);

        _gateway.Delivery.SettleLater(exchange!, commit.Task, before: 1);
        exchange!.Dispose();
        var next = _gateway.SpeakAsync("a");
        var waited = !next.IsCompleted;
        commit.SetResult(await _gateway.Journal.AppendAsync([JournalInAFolder.Record("slow"), .. exchange.Records], CancellationToken.None));

        Assert.That((waited, await next), Is.EqualTo((true, "r1:")), "the device's next message waits for what became of it");
        Assert.That((await _gateway.Consumer.FindAsync("r1", CancellationToken.None))!.History.Select(step => (step.State, step.Attempt, step.Reason)), Is.EqualTo(new[]
        {
            (CommandState.Queued, 0, (string?)null),
            (CommandState.Sent, 1, null),
            (CommandState.Queued, 1, CommandReasons.NotGiven),
            (CommandState.Sent, 2, null),
        }));
    }

    private async Task StartAsync(bool storeFollows = true)
    {
        _gateway = await CommandsUnderTest.StartAsync(CommandsUnderTest.Script, storeFollows);
        await _gateway.AddDeviceAsync("a");
        await _gateway.AddDeviceAsync("asking", "asks");
    }

    private void DeleteJournal()
    {
        foreach (var file in Directory.GetFiles(_gateway.PathOf("."), "journal.db*"))
        {
            File.Delete(file);
        }
    }

    private async Task<string> StatesAsync(params string[] requestIds)
    {
        var states = new List<string>();
        foreach (var id in requestIds)
        {
            states.Add(await _gateway.StateOfAsync(id));
        }

        return string.Join(", ", states);
    }

    private static CommandRequest Say(string id, string device = "a", int priority = 0) => new()
    {
        RequestId = id,
        DeviceId = device,
        CommandType = "say",
        Payload = JsonElement.Parse("""{"text": ""}"""),
        Priority = priority,
    };

    private async Task SayAsync(string id, string device = "a", int priority = 0)
    {
        var result = await _gateway.Consumer.SubmitAsync(Say(id, device, priority), CancellationToken.None);
        Assert.That(result.Outcome, Is.EqualTo(SubmitOutcome.Queued), string.Join("; ", result.Problems));
    }
}
