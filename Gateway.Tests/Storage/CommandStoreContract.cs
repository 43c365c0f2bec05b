using System.Text.Json;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Tests.Commands;

namespace Gateway.Tests.Storage;

/// <summary>What every store of commands must do. A fixture for each implementation says how to open one.</summary>
internal abstract class CommandStoreContract
{
    private static readonly DateTimeOffset Now = SomeCommands.Now;
    private static readonly StorePosition Position = new("journal-1", 3, 42);

    private ICommandStore _store = null!;
    private ICommandRunStore _runs = null!;

    [SetUp]
    public async Task SetUpAsync() => (_store, _runs) = await OpenAsync();

    [TearDown]
    public abstract Task CloseAsync();

    /// <summary>An empty store.</summary>
    protected abstract Task<(ICommandStore Commands, ICommandRunStore Runs)> OpenAsync();

    /// <summary>Closes the store and opens it again.</summary>
    protected abstract Task<(ICommandStore Commands, ICommandRunStore Runs)> ReopenAsync();

    [Test]
    public async Task A_new_store_has_followed_nothing() =>
        Assert.That(await _store.PositionAsync(CancellationToken.None), Is.EqualTo(new StorePosition("", 0, 0)));

    [Test]
    public async Task A_command_comes_back_as_it_was()
    {
        var request = new CommandRequest
        {
            RequestId = "r1",
            DeviceId = "a",
            CommandType = "set",
            Payload = JsonElement.Parse("""{"$oid": "5", "n": 12345678901234567890, "deep": {"x": [1.50, null]}, "text": "größer"}"""),
            Metadata = new Dictionary<string, string> { ["who"] = "me" },
            Priority = 3,
            NotBefore = Now.AddMinutes(1),
            ExpiresAt = Now.AddHours(1),
            DedupKey = "k",
        };
        var sent = CommandBody.Of(request, request.ToJson(), "r1", "efento", CommandConfirm.Script, request.ExpiresAt, Now) with { MaxAttempts = 9, Order = 1L << 50, RunId = "spring" };
        sent = sent with { SentIn = new SentMessage("/m", new byte[] { 1, 0, 255 }) };
        sent = sent.Step(CommandState.Sent, Now.AddMinutes(1)).Step(CommandState.Queued, Now.AddMinutes(2), "why").At((1L << 50) + 7);

        await _store.ApplyAsync([sent], CancellationToken.None);
        await _store.FollowedAsync(Position, CancellationToken.None);
        (_store, _runs) = await ReopenAsync();

        Assert.That(Text(await _store.FindAsync("r1", CancellationToken.None)), Is.EqualTo(Text(sent)));
        Assert.That((await _store.LoadActiveAsync()).Select(Text), Is.EqualTo(new[] { Text(sent) }));
        Assert.That(await _store.PositionAsync(CancellationToken.None), Is.EqualTo(Position));
    }

    [Test]
    public async Task What_is_not_there_is_not_found() => Assert.That(await _store.FindAsync("r1", CancellationToken.None), Is.Null);

    [Test]
    public async Task A_later_step_replaces_and_an_earlier_one_does_not()
    {
        var queued = SomeCommands.Queued("r1", 1);
        var sent = queued.Step(CommandState.Sent, Now).At(5);
        var delivered = sent.Step(CommandState.Delivered, Now).At(9);

        await _store.ApplyAsync([delivered], CancellationToken.None);
        await _store.ApplyAsync([queued, sent], CancellationToken.None);
        await _store.FollowedAsync(Position with { Sequence = 50 }, CancellationToken.None);

        Assert.That((await _store.FindAsync("r1", CancellationToken.None))!.State, Is.EqualTo(CommandState.Delivered));
        Assert.That(await _store.LoadActiveAsync(), Is.Empty);
        Assert.That((await _store.PositionAsync(CancellationToken.None)).Sequence, Is.EqualTo(50));
    }

    [Test]
    public async Task Only_what_is_queued_or_sent_is_active()
    {
        await _store.ApplyAsync(
            [
                SomeCommands.Queued("waits", 1),
                SomeCommands.Queued("sent", 2).Step(CommandState.Sent, Now),
                SomeCommands.Queued("ended", 3).Step(CommandState.Cancelled, Now),
                SomeCommands.Queued("delivered", 4).Step(CommandState.Sent, Now).Step(CommandState.Delivered, Now),
            ],
            CancellationToken.None);

        Assert.That((await _store.LoadActiveAsync()).Select(command => command.RequestId), Is.EquivalentTo(new[] { "waits", "sent" }));
    }

    [Test]
    public async Task Pages_have_the_newest_first_and_lead_to_the_end()
    {
        await _store.ApplyAsync([.. Enumerable.Range(1, 50).Select(i => SomeCommands.Queued($"r{i}", i, i % 2 == 0 ? "even" : "odd"))], CancellationToken.None);
        var (seen, before) = (new List<long>(), long.MaxValue);
        for (CommandPage? page = null; page is not { Next: null }; before = page.Next ?? 0)
        {
            page = await _store.ListAsync(new CommandQuery(DeviceId.Parse("odd"), null, before, 7), CancellationToken.None);
            seen.AddRange(page.Commands.Select(command => command.Order));
        }

        Assert.That(seen, Is.EqualTo(Enumerable.Range(0, 25).Select(i => 49L - (2 * i))));
    }

    [Test]
    public async Task A_page_can_be_of_one_state()
    {
        await _store.ApplyAsync(
            [SomeCommands.Queued("r1", 1), SomeCommands.Queued("r2", 2).Step(CommandState.Failed, Now, "no"), SomeCommands.Queued("r3", 3)], CancellationToken.None);

        var failed = await _store.ListAsync(new CommandQuery(DeviceId.None, CommandState.Failed, long.MaxValue, 10), CancellationToken.None);

        Assert.That(failed.Commands.Select(command => command.RequestId), Is.EqualTo(new[] { "r2" }));
    }

    [Test]
    public async Task A_page_can_be_of_one_run()
    {
        await _store.ApplyAsync(
            [SomeCommands.Queued("r1", 1), SomeCommands.Queued("r2", 2) with { RunId = "spring" }, SomeCommands.Queued("r3", 3) with { RunId = "summer" }], CancellationToken.None);

        var spring = await _store.ListAsync(new CommandQuery(DeviceId.None, null, long.MaxValue, 10, "spring"), CancellationToken.None);

        Assert.That(spring.Commands.Select(command => (command.RequestId, command.RunId)), Is.EqualTo(new[] { ("r2", "spring") }));
    }

    [Test]
    public async Task A_run_comes_back_as_it_was_until_it_is_deleted()
    {
        var run = new CommandRun
        {
            Id = "spring",
            Request = RunRequest.Read("""{"profile": "p", "command": {"command_type": "set", "payload": {"n": 1.50}}, "commands_per_second": 0.5}"""u8, out _)!,
            State = RunState.Halted,
            Reason = "why",
            CreatedAt = Now,
            UpdatedAt = Now.AddMinutes(1),
            EndedAt = Now.AddMinutes(2),
            Total = 9,
            After = DeviceId.Parse("d7"),
            IsThrough = true,
            Taken = 7,
            Refused = 2,
            Refusals = [new RunRefusal("d1", "no"), new RunRefusal("d2", "never")],
            Forgiven = (3, 2),
        };
        var fresh = new CommandRun { Id = "summer", Request = run.Request, CreatedAt = Now, UpdatedAt = Now };
        await _runs.SaveAsync(fresh with { Taken = 5 }, CancellationToken.None);
        await _runs.SaveAsync(fresh, CancellationToken.None);
        await _runs.SaveAsync(run, CancellationToken.None);
        (_store, _runs) = await ReopenAsync();

        Assert.That(_runs.Load().Select(entry => Text(entry.Run)), Is.EquivalentTo(new[] { Text(run), Text(fresh) }));
        await _runs.DeleteAsync("spring", CancellationToken.None);
        Assert.That(_runs.Load().Select(entry => entry.Run.Id), Is.EqualTo(new[] { "summer" }));

        static string Text(CommandRun run) => string.Join(
            '|', run.Id, System.Text.Encoding.UTF8.GetString(run.Request.ToJson()), run.State, run.Reason, run.CreatedAt, run.UpdatedAt, run.EndedAt, run.Total, run.After, run.IsThrough,
            run.Taken, run.Refused, string.Join(';', run.Refusals), run.Forgiven);
    }

    [Test]
    public async Task The_commands_of_a_run_are_counted_each_once()
    {
        await _runs.SaveAsync(new CommandRun { Id = "spring", Request = new RunRequest(), CreatedAt = Now, UpdatedAt = Now }, CancellationToken.None);
        var queued = Enumerable.Range(0, 5).Select(i => SomeCommands.Queued($"r{i}", i) with { RunId = "spring" }).ToArray();
        var sent = queued[0].Step(CommandState.Sent, Now).At(10);
        await _store.ApplyAsync([.. queued, SomeCommands.Queued("other", 7)], CancellationToken.None);
        await _store.ApplyAsync([sent, queued[1].Step(CommandState.Cancelled, Now).At(11)], CancellationToken.None);
        await _store.ApplyAsync([sent.Step(CommandState.Delivered, Now).At(12), queued[2]], CancellationToken.None);
        (_store, _runs) = await ReopenAsync();

        var counts = _runs.Load().Single().Counts;
        await _store.LoadActiveAsync(waiting => counts = waiting.RunId == "spring" ? counts.Moved(null, waiting.State) : counts, CancellationToken.None);

        Assert.That(
            (counts[CommandState.Queued], counts[CommandState.Sent], counts[CommandState.Delivered], counts[CommandState.Cancelled], counts.Total), Is.EqualTo((3, 0, 1, 1, 5)));
    }

    [Test]
    public async Task What_ended_long_ago_is_forgotten_so_many_at_a_time()
    {
        await _store.ApplyAsync(
            [
                .. Enumerable.Range(0, 5).Select(i => SomeCommands.Queued($"old{i}", i).Step(CommandState.Cancelled, Now.AddDays(-8))),
                SomeCommands.Queued("fresh", 7).Step(CommandState.Cancelled, Now),
                SomeCommands.Queued("waits", 8) with { UpdatedAt = Now.AddDays(-30) },
            ],
            CancellationToken.None);

        var first = await _store.ForgetEndedAsync(Now.AddDays(-7), 3, CancellationToken.None);
        var second = await _store.ForgetEndedAsync(Now.AddDays(-7), 3, CancellationToken.None);
        var left = await _store.ListAsync(new CommandQuery(DeviceId.None, null, long.MaxValue, 10), CancellationToken.None);

        Assert.That((first, second), Is.EqualTo((3, 2)));
        Assert.That(left.Commands.Select(command => command.RequestId), Is.EqualTo(new[] { "waits", "fresh" }));
    }

    [Test]
    public async Task Ids_are_told_apart_by_case()
    {
        await _store.ApplyAsync([SomeCommands.Queued("r", 1), SomeCommands.Queued("R", 2)], CancellationToken.None);

        Assert.That((await _store.FindAsync("R", CancellationToken.None))!.Order, Is.EqualTo(2));
    }

    private static string Text(QueuedCommand? command) => command is null ? "" : string.Join(
        '|', command.RequestId, command.RunId, command.Device, command.CommandType, command.Profile, command.Priority, command.DedupKey, command.Confirm, command.MaxAttempts,
        command.NotBefore, command.ExpiresAt, command.Order, command.LastStep, command.State, command.Attempts, command.CreatedAt, command.UpdatedAt, command.SentAt,
        command.SentIn?.Path, Convert.ToHexString((command.SentIn?.Payload ?? default).Span), command.Reason, string.Join(';', command.History), System.Text.Encoding.UTF8.GetString(command.Request.Span));
}
