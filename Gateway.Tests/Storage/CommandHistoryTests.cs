using System.Text;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Storage;
using Gateway.Tests.Commands;
using LiteDB;

namespace Gateway.Tests.Storage;

/// <summary>Commands leave LiteDB for the history when they have ended, and what goes wrong between the two files loses none of them.</summary>
internal sealed class CommandHistoryTests
{
    private static readonly CommandQuery All = new(DeviceId.None, null, long.MaxValue, 100);

    private LiteDbInAFolder _file = null!;

    [SetUp]
    public void SetUp() => _file = new LiteDbInAFolder();

    [TearDown]
    public async Task DeleteAsync() => await _file.DisposeAsync();

    [Test]
    public async Task Who_waits_is_in_one_file_and_who_has_ended_in_the_other()
    {
        var store = new LiteDbCommandStore(_file.Open());
        await store.ApplyAsync([SomeCommands.Queued("r1", 1), SomeCommands.Queued("r2", 2), Ended("r3", 3)], CancellationToken.None);
        var waiting = InLiteDb();
        await store.ApplyAsync([Ended("r1", 1)], CancellationToken.None);

        Assert.That((waiting, InLiteDb()), Is.EqualTo((2, 1)));
        Assert.That((await store.ListAsync(All, CancellationToken.None)).Commands.Select(command => (command.RequestId, command.State)),
            Is.EqualTo(new[] { ("r3", CommandState.Cancelled), ("r2", CommandState.Queued), ("r1", CommandState.Cancelled) }));
    }

    [Test]
    public async Task A_command_that_a_crash_left_in_both_files_has_ended()
    {
        var store = new LiteDbCommandStore(_file.Open());
        await new LiteDbCommandRunStore(_file.Store).SaveAsync(new CommandRun { Id = "spring", Request = new RunRequest(), CreatedAt = SomeCommands.Now, UpdatedAt = SomeCommands.Now }, CancellationToken.None);
        await store.ApplyAsync([SomeCommands.Queued("r1", 1) with { RunId = "spring" }, SomeCommands.Queued("r2", 2)], CancellationToken.None);
        await Saved(Ended("r1", 1) with { RunId = "spring" });
        store = new LiteDbCommandStore(await _file.ReopenAsync());

        Assert.That((await store.FindAsync("r1", CancellationToken.None))!.State, Is.EqualTo(CommandState.Cancelled));
        Assert.That((await store.ListAsync(All, CancellationToken.None)).Commands.Select(command => (command.RequestId, command.State)),
            Is.EqualTo(new[] { ("r2", CommandState.Queued), ("r1", CommandState.Cancelled) }));
        Assert.That(await CountsOfAsync("spring"), Is.EqualTo((0, 1, 1)));
        Assert.That((await store.LoadActiveAsync()).Select(command => command.RequestId), Is.EqualTo(new[] { "r2" }));
        Assert.That(InLiteDb(), Is.EqualTo(1), "the start has put it right");
    }

    [Test]
    public async Task A_write_that_another_one_spoils_is_done_all_the_same_and_known_to_be()
    {
        var store = new LiteDbCommandStore(_file.Open());
        await store.ApplyAsync([SomeCommands.Queued("r1", 1)], CancellationToken.None);
        using var gate = new ManualResetEventSlim();

        // While the first holds the thread up, the others gather and are one transaction, which fails with the second of them.
        var first = _file.Store.WriteAsync(_ => gate.Wait(TimeSpan.FromSeconds(30)), CancellationToken.None).AsTask();
        var apply = store.ApplyAsync([SomeCommands.Queued("r2", 2), Ended("r1", 1)], CancellationToken.None).AsTask();
        var bad = _file.Store.WriteAsync<bool>(_ => throw new InvalidOperationException("refused"), CancellationToken.None).AsTask();
        gate.Set();
        await Task.WhenAll(first, apply);
        Assert.That(async () => await bad, Throws.TypeOf<StoreUnavailableException>());
        var between = InLiteDb();
        await store.ApplyAsync([Ended("r2", 2)], CancellationToken.None);

        Assert.That((between, InLiteDb()), Is.EqualTo((1, 0)));
    }

    [Test]
    public async Task Pages_of_both_files_lead_to_the_end()
    {
        var store = new LiteDbCommandStore(_file.Open());
        await store.ApplyAsync(
            [.. Enumerable.Range(1, 90).Select(i => i % 3 == 0 || i is > 20 and < 50 ? SomeCommands.Queued($"r{i}", i) with { RunId = "spring" } : Ended($"r{i}", i) with { RunId = "spring" })],
            CancellationToken.None);

        foreach (var query in new[] { All with { Limit = 7 }, All with { Limit = 7, Device = SomeCommands.Queued("r", 1).Device }, All with { Limit = 1, RunId = "spring" } })
        {
            Assert.That(await WalkAsync(store, query), Is.EqualTo(Enumerable.Range(0, 90).Select(i => 90L - i)), query.ToString());
        }

        Assert.That(await WalkAsync(store, All with { Limit = 7, State = CommandState.Cancelled }), Has.Count.EqualTo(41).And.Ordered.Descending);
    }

    [Test]
    public async Task A_page_that_gives_up_in_one_file_does_not_run_ahead_in_the_other()
    {
        var store = new LiteDbCommandStore(_file.Open());
        await store.ApplyAsync([SomeCommands.Queued("waits", 1), .. Enumerable.Range(2, 5100).Select(i => Ended($"r{i}", i))], CancellationToken.None);

        Assert.That(await WalkAsync(store, All with { State = CommandState.Queued }), Is.EqualTo(new[] { 1L }));
    }

    [Test]
    public async Task Evidence_that_comes_late_moves_a_command_and_adds_none_to_its_run()
    {
        var store = new LiteDbCommandStore(_file.Open());
        await new LiteDbCommandRunStore(_file.Store).SaveAsync(new CommandRun { Id = "spring", Request = new RunRequest(), CreatedAt = SomeCommands.Now, UpdatedAt = SomeCommands.Now }, CancellationToken.None);
        var delivered = (SomeCommands.Queued("r1", 1) with { RunId = "spring" }).Step(CommandState.Sent, SomeCommands.Now).Step(CommandState.Delivered, SomeCommands.Now).At(3);
        await store.ApplyAsync([delivered], CancellationToken.None);
        await store.ApplyAsync([delivered.Step(CommandState.Applied, SomeCommands.Now).At(4), delivered], CancellationToken.None);

        Assert.That((await store.FindAsync("r1", CancellationToken.None))!.State, Is.EqualTo(CommandState.Applied));
        Assert.That(new LiteDbCommandRunStore(_file.Store).Load().Single().Counts, Is.EqualTo(default(RunCounts).Moved(null, CommandState.Applied)));
    }

    [Test]
    public async Task What_ended_before_there_was_a_history_is_listed_counted_and_forgotten()
    {
        _file.Open();
        await _file.CloseAsync();
        using (var database = new LiteDatabase(new ConnectionString { Filename = _file.Path, Connection = ConnectionType.Direct, Collation = new Collation(127, System.Globalization.CompareOptions.Ordinal) }))
        {
            database.GetCollection("meta").Update(new BsonDocument { ["_id"] = "schema", ["version"] = 2 });
            database.GetCollection("commands").Insert(new[] { Ended("r1", 1), SomeCommands.Queued("r2", 2) with { RunId = "spring" } }.Select(CommandDocument.Of));
            database.GetCollection("run_counts").Insert(new BsonDocument { ["_id"] = "spring", ["counts"] = new BsonArray(new BsonValue[] { 0, 1, 0, 0, 0, 0, 0, 7, 0, 0 }) });
        }

        File.Delete(HistoryFile.PathOf(_file.Path));
        var store = new LiteDbCommandStore(_file.Open());
        await new LiteDbCommandRunStore(_file.Store).SaveAsync(new CommandRun { Id = "spring", Request = new RunRequest(), CreatedAt = SomeCommands.Now, UpdatedAt = SomeCommands.Now }, CancellationToken.None);
        await store.ApplyAsync([Ended("r3", 3), Ended("r2", 2) with { RunId = "spring" }], CancellationToken.None);

        Assert.That(await WalkAsync(store, All), Is.EqualTo(new[] { 3L, 2, 1 }));
        Assert.That(await CountsOfAsync("spring"), Is.EqualTo((0, 8, 8)));
        Assert.That(await store.ForgetEndedAsync(SomeCommands.Now.AddYears(1), 2, CancellationToken.None), Is.EqualTo(2));
        Assert.That(await store.ForgetEndedAsync(SomeCommands.Now.AddYears(1), 2, CancellationToken.None), Is.EqualTo(1));
        Assert.That(await WalkAsync(store, All), Is.Empty);
        Assert.That(File.Exists(_file.Path + ".v2"), "as it was, it is kept");
    }

    [Test]
    public async Task A_run_that_is_forgotten_takes_its_counts_with_it()
    {
        var store = new LiteDbCommandStore(_file.Open());
        var runs = new LiteDbCommandRunStore(_file.Store);
        var run = new CommandRun { Id = "spring", Request = new RunRequest(), CreatedAt = SomeCommands.Now, UpdatedAt = SomeCommands.Now };
        await runs.SaveAsync(run, CancellationToken.None);
        await store.ApplyAsync([Ended("r1", 1) with { RunId = "spring" }], CancellationToken.None);
        var before = await CountsOfAsync("spring");
        await runs.DeleteAsync("spring", CancellationToken.None);
        await runs.SaveAsync(run, CancellationToken.None);

        Assert.That((before, await CountsOfAsync("spring")), Is.EqualTo(((0, 1, 1), (0, 0, 0))));
    }

    [Test]
    public async Task What_is_no_history_or_a_newer_gateways_is_refused_with_what_to_do()
    {
        _file.Open();
        await _file.CloseAsync();
        var path = HistoryFile.PathOf(_file.Path);
        using (var connection = Gateway.Journal.JournalFile.Connect(path, Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite))
        {
            Gateway.Journal.JournalSchema.Run(connection, "PRAGMA user_version = 99");
        }

        Assert.That(() => _file.Open(), Throws.TypeOf<StorageException>().With.Message.Contains(path).And.Message.Contains("version 99").And.Message.Contains("run the gateway that wrote it"));
        var text = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Repeat("no database", 1000)));
        await File.WriteAllBytesAsync(path, text);
        Assert.That(() => _file.Open(), Throws.TypeOf<StorageException>().With.Message.Contains(path).And.Message.Contains("backup").And.Message.Contains("move it away"));
        Assert.That(await File.ReadAllBytesAsync(path), Is.EqualTo(text));
    }

    [Test]
    public async Task Where_there_were_no_sightings_yet_a_device_was_seen_when_the_store_of_before_says_until_it_speaks()
    {
        var (id, before, now) = (DeviceId.Parse("cellar"), SomeCommands.Now, SomeCommands.Now.AddHours(1));
        var store = new LiteDbDeviceStore(_file.Open());
        await store.SaveAsync(new Device { Id = id, CreatedAt = before, UpdatedAt = before }, CancellationToken.None);
        await _file.Store.WriteAsync(
            database =>
            {
                var document = database.GetCollection(LiteDbSchema.Devices).FindById("cellar");
                document["seen"] = before.UtcTicks;
                return database.GetCollection(LiteDbSchema.Devices).Update(document);
            },
            CancellationToken.None);
        await _file.CloseAsync();
        using (var connection = Gateway.Journal.JournalFile.Connect(HistoryFile.PathOf(_file.Path), Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite))
        {
            Gateway.Journal.JournalSchema.Run(connection, "DROP TABLE sightings");
        }

        store = new LiteDbDeviceStore(_file.Open());
        var old = (await store.FindAsync(id, CancellationToken.None))!.LastSeenAt;
        await store.SaveSightingsAsync([KeyValuePair.Create(id, now)], CancellationToken.None);
        await store.SaveAsync(new Device { Id = id, CreatedAt = before, UpdatedAt = now, Profile = "other" }, CancellationToken.None);

        Assert.That((old, (await store.FindAsync(id, CancellationToken.None))!.LastSeenAt), Is.EqualTo(((DateTimeOffset?)before, (DateTimeOffset?)now)));
    }

    [Test]
    public async Task A_start_that_has_nothing_to_put_right_writes_nothing()
    {
        _file.Open();
        await _file.CloseAsync();
        var before = await File.ReadAllBytesAsync(HistoryFile.PathOf(_file.Path));
        _file.Open();
        await _file.CloseAsync();

        Assert.That(await File.ReadAllBytesAsync(HistoryFile.PathOf(_file.Path)), Is.EqualTo(before));
    }

    private static QueuedCommand Ended(string id, long order) => SomeCommands.Queued(id, order).Step(CommandState.Cancelled, SomeCommands.Now).At(order + 1000);

    private async Task Saved(QueuedCommand command) => await _file.Store.WriteAsync(
        _ =>
        {
            _file.Store.History.Commands.Save([command]);
            return true;
        },
        CancellationToken.None);

    private int InLiteDb() => _file.Store.Read(database => database.GetCollection(LiteDbSchema.Commands).Count());

    // As a start counts them.
    private async Task<(int Queued, int Cancelled, int Total)> CountsOfAsync(string run)
    {
        var counts = new LiteDbCommandRunStore(_file.Store).Load().Single(entry => entry.Run.Id == run).Counts;
        foreach (var waiting in (await new LiteDbCommandStore(_file.Store).LoadActiveAsync()).Where(command => command.RunId == run))
        {
            counts = counts.Moved(null, waiting.State);
        }

        return (counts[CommandState.Queued], counts[CommandState.Cancelled], counts.Total);
    }

    private static async Task<List<long>> WalkAsync(LiteDbCommandStore store, CommandQuery query)
    {
        var (seen, before) = (new List<long>(), query.Before);
        for (CommandPage? page = null; page is not { Next: null }; before = page.Next ?? 0)
        {
            page = await store.ListAsync(query with { Before = before }, CancellationToken.None);
            Assert.That(page.Commands, Has.Count.LessThanOrEqualTo(query.Limit));
            seen.AddRange(page.Commands.Select(command => command.Order));
        }

        return seen;
    }
}
