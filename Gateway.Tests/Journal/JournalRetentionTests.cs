using Gateway.Tests.Support;

namespace Gateway.Tests.Journal;

internal sealed class JournalRetentionTests
{
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
    public async Task More_than_one_handful_goes_at_once()
    {
        await using var folder = new JournalInAFolder { Settings = new() { KeepDays = 0 } };
        await folder.OpenAsync();
        await folder.AppendManyAsync(600);

        folder.Time.Advance(PruneInterval);

        await Eventually.HoldsAsync(() => Oldest(folder) == 600, "only the newest is left");
        Assert.That(await folder.AppendAsync("next"), Is.EqualTo(601));
    }

    private static long Oldest(JournalInAFolder folder) => folder.Ask("SELECT min(first_sequence) FROM groups");
}
