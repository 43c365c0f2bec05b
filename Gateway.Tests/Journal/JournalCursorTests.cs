using Gateway.Tests.Support;

namespace Gateway.Tests.Journal;

internal sealed class JournalCursorTests
{
    [Test]
    public async Task A_cursor_begins_at_nothing_and_moves_only_forward()
    {
        await using var folder = new JournalInAFolder();
        var journal = await folder.OpenAsync();
        Assert.That(journal.Cursor("sink/a"), Is.Zero);

        journal.Advance("sink/a", 5);
        journal.Advance("sink/a", 3);

        Assert.That(journal.Cursor("sink/a"), Is.EqualTo(5));
        Assert.That(journal.Cursor("sink/b"), Is.Zero);
    }

    [Test]
    public async Task Cursors_outlast_a_restart()
    {
        await using var folder = new JournalInAFolder();
        var journal = await folder.OpenAsync();
        await folder.AppendManyAsync(3);
        journal.Advance("sink/a", 2);
        journal.Advance("sink/ü", 3);

        journal = await folder.ReopenAsync();

        Assert.That(journal.Cursor("sink/a"), Is.EqualTo(2));
        Assert.That(journal.Cursor("sink/ü"), Is.EqualTo(3));
    }

    [Test]
    public async Task A_cursor_reaches_the_disk_with_the_next_records()
    {
        await using var folder = new JournalInAFolder();
        var journal = await folder.OpenAsync();
        await folder.AppendAsync("r1");
        journal.Advance("sink/a", 1);

        await folder.AppendAsync("r2");

        Assert.That(folder.Ask("SELECT sequence FROM cursors WHERE name = 'sink/a'"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_cursor_reaches_the_disk_soon_although_no_record_comes()
    {
        await using var folder = new JournalInAFolder();
        var journal = await folder.OpenAsync();
        await folder.AppendAsync("r1");
        journal.Advance("sink/a", 1);
        Assert.That(folder.Ask("SELECT count(*) FROM cursors"), Is.Zero, "not at once: each would cost a sync");

        folder.Time.Advance(TimeSpan.FromSeconds(1));

        await Eventually.HoldsAsync(() => folder.Ask("SELECT count(*) FROM cursors") == 1, "the cursor is on disk");
    }

    [Test]
    public async Task Numbers_go_on_behind_the_cursors_although_all_records_were_deleted()
    {
        await using var folder = new JournalInAFolder();
        var journal = await folder.OpenAsync();
        await folder.AppendManyAsync(3);
        journal.Advance("sink/a", 3);
        await journal.StopAsync(CancellationToken.None);
        folder.Run("DELETE FROM groups");

        await folder.OpenAsync();

        Assert.That(await folder.AppendAsync("r4"), Is.EqualTo(4), "a sink that has had 3 would never look at 1 again");
    }
}
