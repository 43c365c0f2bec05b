using Gateway.Journal;
using Gateway.Tests.Support;

namespace Gateway.Tests.Journal;

internal sealed class JournalRetentionTests
{
    private const int DeletedUnread = 1408;
    private const int HeldBack = 1409;

    private static readonly TimeSpan PruneInterval = TimeSpan.FromMinutes(1);

    [Test]
    public async Task Old_groups_go_when_every_reader_has_them()
    {
        await using var folder = new JournalInAFolder { Settings = new() { KeepDays = 7 }, ActiveCursors = ["sink/a", "sink/b"] };
        var journal = await folder.OpenAsync();
        await folder.AppendManyAsync(4);
        journal.Advance("sink/a", 4);
        journal.Advance("sink/b", 2);

        folder.Time.Advance(TimeSpan.FromDays(7) + PruneInterval);

        await Eventually.HoldsAsync(() => Oldest(folder) == 3, "what both have had is gone");
        journal.Advance("sink/b", 4);
        folder.Time.Advance(PruneInterval);
        await Eventually.HoldsAsync(() => Oldest(folder) == 4, "all but the newest are gone");
        Assert.That(journal.Read(0, 10).Select(record => record.Sequence), Is.EqualTo(new[] { 4 }));
    }

    [Test]
    public async Task Young_groups_stay()
    {
        await using var folder = new JournalInAFolder { Settings = new() { KeepDays = 7 } };
        await folder.OpenAsync();
        await folder.AppendManyAsync(2);
        folder.Time.Advance(TimeSpan.FromDays(6));
        await folder.AppendAsync("r3");
        await folder.AppendAsync("r4");

        folder.Time.Advance(TimeSpan.FromDays(2));

        await Eventually.HoldsAsync(() => Oldest(folder) == 3, "the first two are gone");
    }

    [Test]
    public async Task A_cursor_that_nobody_uses_any_more_holds_nothing()
    {
        await using var folder = new JournalInAFolder { Settings = new() { KeepDays = 0 }, ActiveCursors = ["sink/a"] };
        var journal = await folder.OpenAsync();
        await folder.AppendManyAsync(3);
        journal.Advance("sink/a", 3);
        journal.Advance("sink/gone", 1);

        folder.Time.Advance(PruneInterval);

        await Eventually.HoldsAsync(() => Oldest(folder) == 3, "what the one reader has had is gone");
        Assert.That(journal.Cursor("sink/gone"), Is.EqualTo(1), "it may come back");
    }

    [Test]
    public async Task A_reader_that_has_had_nothing_yet_holds_everything()
    {
        await using var folder = new JournalInAFolder { Settings = new() { KeepDays = 0 }, ActiveCursors = ["sink/a", "sink/new"] };
        var journal = await folder.OpenAsync();
        await folder.AppendManyAsync(3);
        journal.Advance("sink/a", 3);

        folder.Time.Advance(PruneInterval);

        await Eventually.HoldsAsync(() => folder.Ask("SELECT count(*) FROM cursors") == 1, "the tidying has been done");
        await folder.AppendAsync("r4");
        Assert.That(Oldest(folder), Is.EqualTo(1));
    }

    [Test]
    public async Task What_the_gateway_itself_has_not_had_stays_whichever_sinks_there_are()
    {
        await using var folder = new JournalInAFolder { Settings = new() { KeepDays = 0 }, ActiveCursors = ["sink/a"], OwnCursors = ["store/commands"] };
        var journal = await folder.OpenAsync();
        await folder.AppendManyAsync(4);
        journal.Advance("sink/a", 4);
        journal.Advance("store/commands", 2);
        journal.KeepFor([]);

        folder.Time.Advance(PruneInterval);

        await Eventually.HoldsAsync(() => Oldest(folder) == 3, "what the store has had is gone, and no more");
    }

    [Test]
    public async Task More_than_one_handful_goes_at_once()
    {
        await using var folder = new JournalInAFolder { Settings = new() { KeepDays = 0 } };
        await folder.OpenAsync();
        await folder.AppendManyAsync(600);

        folder.Time.Advance(PruneInterval);

        await Eventually.HoldsAsync(() => Oldest(folder) == 600, "only the newest is left");
        Assert.That(await folder.AppendAsync("next"), Is.EqualTo(601));
    }

    [Test]
    public async Task Each_kind_is_kept_as_long_as_its_own_settings_say()
    {
        await using var folder = new JournalInAFolder { Settings = new() { KeepDays = 1, CommandKeepDays = 3, FailureKeepDays = 2 } };
        var journal = await folder.OpenAsync();
        await folder.AppendAsync(
            JournalInAFolder.Record("r1"), JournalInAFolder.Step("c1", CommandStepState.Queued), JournalInAFolder.Record("r2"),
            JournalInAFolder.Record("r3"), JournalInAFolder.Failure("sink/x", "no"), JournalInAFolder.Record("r4"));
        await folder.AppendAsync("newest");

        await AgeAsync(folder, 1, [2, 5, 7]);
        Assert.That(journal.Read(2, 1).Select(record => record.Error), Is.EqualTo(new[] { "no" }), "what is left can be read from anywhere");
        await AgeAsync(folder, 1, [2, 7]);
        journal = await folder.ReopenAsync();
        Assert.That(journal.Read(0, 10).Select(record => record.Sequence), Is.EqualTo(new[] { 2, 7 }));
        await AgeAsync(folder, 1, [7]);
        Assert.That(folder.Ask("SELECT count(*) FROM groups"), Is.EqualTo(1), "a group of which nothing is left goes as a whole");
        Assert.That(folder.Ask("SELECT bytes FROM retention WHERE class = 2"), Is.Zero);
    }

    [Test]
    public async Task Beyond_its_size_the_oldest_go_and_the_file_grows_no_more()
    {
        await using var folder = new JournalInAFolder { Settings = new() { MaxMegabytes = 2 } };
        var journal = await folder.OpenAsync();
        var record = JournalInAFolder.Record("r") with { Payload = new byte[20_000] };
        long PagesAfter(int records)
        {
            for (var i = 0; i < records; i++)
            {
                journal.AppendAsync(record, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            }

            return folder.Ask("PRAGMA page_count");
        }

        PagesAfter(200);
        folder.Time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.HoldsAsync(() => folder.Ask("SELECT sum(length(body)) FROM groups") <= 2 * 1024 * 1024, "the journal is as large as it may be");
        var pages = folder.Ask("PRAGMA page_count");
        for (var round = 0; round < 5; round++)
        {
            Assert.That(PagesAfter(90), Is.LessThanOrEqualTo(pages), "what was freed is used again");
            folder.Time.Advance(TimeSpan.FromSeconds(1));
            await Eventually.HoldsAsync(() => folder.Ask("SELECT sum(length(body)) FROM groups") <= 2 * 1024 * 1024, "the oldest have gone");
        }

        Assert.That(journal.Read(0, 1000).Select(kept => kept.Sequence), Is.EqualTo(Enumerable.Range((int)Oldest(folder), 650 - (int)Oldest(folder) + 1)));
        Assert.That(folder.Meters["gateway.journal.bytes/frames"], Is.LessThanOrEqualTo(2 * 1024 * 1024).And.GreaterThan(1024 * 1024));
    }

    [Test]
    public async Task What_a_reader_has_not_had_stays_beyond_the_size_and_that_is_told()
    {
        await using var folder = new JournalInAFolder { Settings = new() { MaxMegabytes = 1 }, ActiveCursors = ["sink/a", "sink/b"], ExpectedComplaints = [HeldBack] };
        var journal = await folder.OpenAsync();
        await AppendLargeAsync(folder, 30);
        journal.Advance("sink/a", 30);
        journal.Advance("sink/b", 2);

        folder.Time.Advance(TimeSpan.FromSeconds(1));

        await Eventually.HoldsAsync(() => journal.Health.Warning is not null, "the journal says that it keeps too much");
        Assert.That(journal.Health.Warning, Does.Contain("sink/b").And.Contain("record 2"));
        Assert.That(Oldest(folder), Is.EqualTo(3), "what both have had is gone, and nothing else");
        journal.Advance("sink/b", 30);
        folder.Time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.HoldsAsync(() => journal.Health.Warning is null, "it does not any more");
        Assert.That(folder.Log.Texts(HeldBack), Has.Count.EqualTo(1));
        Assert.That(folder.Meters["gateway.journal.deleted_unread"], Is.Zero);
    }

    [Test]
    public async Task Where_the_settings_say_so_what_a_reader_has_not_had_goes_too_and_that_is_counted()
    {
        await using var folder = new JournalInAFolder
        {
            Settings = new() { MaxMegabytes = 1, OnLag = LagRule.Drop },
            ActiveCursors = ["sink/a", "sink/b"],
            ExpectedComplaints = [DeletedUnread],
        };
        var journal = await folder.OpenAsync();
        await AppendLargeAsync(folder, 30);
        journal.Advance("sink/a", 30);
        journal.Advance("sink/b", 2);

        folder.Time.Advance(TimeSpan.FromSeconds(1));

        await Eventually.HoldsAsync(() => Oldest(folder) == 21, "a megabyte is left");
        await Eventually.HoldsAsync(() => folder.Log.Texts(DeletedUnread).Count == 1, "it is told");
        Assert.That(folder.Meters["gateway.journal.deleted_unread/sink/b"], Is.EqualTo(18));
        Assert.That(folder.Meters["gateway.journal.deleted_unread/sink/a"], Is.Zero);
        Assert.That(folder.Log.Texts(DeletedUnread)[0], Does.StartWith("18 records that sink/b had not had"));
    }

    [Test]
    public async Task Age_takes_nothing_that_a_reader_has_not_had_even_where_size_does()
    {
        await using var folder = new JournalInAFolder { Settings = new() { KeepDays = 1, OnLag = LagRule.Drop }, ActiveCursors = ["sink/a"] };
        var journal = await folder.OpenAsync();
        await folder.AppendManyAsync(4);
        journal.Advance("sink/a", 2);

        folder.Time.Advance(TimeSpan.FromDays(9));

        await Eventually.HoldsAsync(() => Oldest(folder) == 3, "what it has had is gone");
        folder.Time.Advance(PruneInterval);
        await folder.AppendAsync("r5");
        Assert.That(journal.Read(0, 10).Select(record => record.Sequence), Is.EqualTo(new[] { 3, 4, 5 }));
    }

    [Test]
    public async Task How_much_is_kept_is_known_again_after_a_crash()
    {
        await using var folder = new JournalInAFolder();
        var journal = await folder.OpenAsync();
        await folder.AppendAsync(JournalInAFolder.Record("r1"), JournalInAFolder.Step("c", CommandStepState.Queued, bytes: 1000));
        await folder.AppendManyAsync(3);
        await journal.StopAsync(CancellationToken.None);
        var saved = folder.Ask("SELECT sum(bytes) FROM retention");
        folder.Run("UPDATE retention SET bytes = 0, counted_to = 0");

        await folder.OpenAsync();
        folder.Time.Advance(TimeSpan.FromSeconds(1));

        await Eventually.HoldsAsync(() => folder.Meters["gateway.journal.bytes/commands"] > 1000, "the steps are counted");
        Assert.That(folder.Meters["gateway.journal.bytes/frames"] + folder.Meters["gateway.journal.bytes/commands"], Is.EqualTo(saved));
        Assert.That(folder.Ask("SELECT sum(length(body)) FROM groups"), Is.EqualTo(saved));
    }

    [Test]
    public async Task A_journal_of_version_1_is_taken_over()
    {
        await using var folder = new JournalInAFolder { Settings = new() { KeepDays = 1 } };
        var journal = await folder.OpenAsync();
        await folder.AppendManyAsync(3);
        await journal.StopAsync(CancellationToken.None);
        var bytes = folder.Ask("SELECT sum(length(body)) FROM groups");
        folder.Run("DROP TABLE retention; DROP TABLE identity; UPDATE meta SET version = 1");

        journal = await folder.OpenAsync();

        Assert.That(folder.Ask("SELECT version FROM meta"), Is.EqualTo(2));
        Assert.That(folder.Ask("SELECT bytes FROM retention WHERE class = 1"), Is.EqualTo(bytes));
        Assert.That(await folder.AppendAsync("r4"), Is.EqualTo(4));
        await AgeAsync(folder, 1, [4]);
        Assert.That(journal.Health.Damaged, Is.Zero);
    }

    private static async Task AgeAsync(JournalInAFolder folder, double days, long[] left)
    {
        folder.Time.Advance(TimeSpan.FromDays(days) + PruneInterval);
        await Eventually.HoldsAsync(() => folder.Journal.Read(0, 100).Select(record => record.Sequence).SequenceEqual(left), $"only {string.Join(", ", left)} are left");
    }

    private static async Task AppendLargeAsync(JournalInAFolder folder, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await folder.AppendAsync(JournalInAFolder.Record("r") with { Payload = new byte[104_000] });
        }
    }

    private static long Oldest(JournalInAFolder folder) => folder.Ask("SELECT min(first_sequence) FROM groups");
}
