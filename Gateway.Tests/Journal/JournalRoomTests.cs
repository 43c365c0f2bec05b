using Gateway.Journal;
using Gateway.Tests.Support;

namespace Gateway.Tests.Journal;

/// <summary>A disk that is nearly full: nothing more is begun, and it is begun again when there is room.</summary>
internal sealed class JournalRoomTests
{
    private const int DiskNearlyFull = 1410;
    private const int RoomAgain = 1411;
    private const long Megabyte = 1024 * 1024;

    [Test]
    public async Task A_disk_that_is_nearly_full_takes_no_more_and_everything_else_goes_on()
    {
        await using var folder = new JournalInAFolder { FreeBytes = 300 * Megabyte, ExpectedComplaints = [DiskNearlyFull, RoomAgain] };
        var journal = await folder.OpenAsync();
        await folder.AppendManyAsync(2);

        await ShrinkAsync(folder, 255 * Megabyte);
        Assert.That(await RefusalAsync(folder), Is.EqualTo(JournalUnavailableReason.NoRoom));
        Assert.That(journal.Health.Error, Does.Contain("255 MB").And.Contain("min_free_megabytes").And.Contain(folder.Path));
        Assert.That(journal.Health.Since, Is.EqualTo(folder.Time.GetUtcNow()));
        Assert.That(journal.Read(0, 10), Has.Count.EqualTo(2), "what is there can be read");
        journal.Advance("sink/a", 2);
        folder.Time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.HoldsAsync(() => folder.Ask("SELECT count(*) FROM cursors") == 1, "readers' progress is still saved");

        // At the limit it would go to and fro.
        folder.FreeBytes = 260 * Megabyte;
        folder.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await RefusalAsync(folder), Is.EqualTo(JournalUnavailableReason.NoRoom));
        folder.FreeBytes = 290 * Megabyte;
        folder.Time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.HoldsAsync(() => journal.Health.State is JournalState.Running, "there is room again");
        Assert.That(await folder.AppendAsync("r3"), Is.EqualTo(3));
        Assert.That((folder.Log.Texts(DiskNearlyFull).Count, folder.Log.Texts(RoomAgain).Count), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task A_disk_that_is_full_from_the_start_takes_nothing_at_all()
    {
        await using var folder = new JournalInAFolder { FreeBytes = 10 * Megabyte, ExpectedComplaints = [DiskNearlyFull] };
        await folder.OpenAsync();

        Assert.That(await RefusalAsync(folder), Is.EqualTo(JournalUnavailableReason.NoRoom));
    }

    [Test]
    public async Task What_retention_frees_within_the_file_is_room()
    {
        await using var folder = new JournalInAFolder
        {
            Settings = new() { KeepDays = 1, MinFreeMegabytes = 2 },
            FreeBytes = 10 * Megabyte,
            ExpectedComplaints = [DiskNearlyFull, RoomAgain],
        };
        var journal = await folder.OpenAsync();
        for (var i = 0; i < 30; i++)
        {
            await folder.AppendAsync(JournalInAFolder.Record("r") with { Payload = new byte[100_000] });
        }

        await ShrinkAsync(folder, 1 * Megabyte);
        folder.Time.Advance(TimeSpan.FromDays(2));
        await Eventually.HoldsAsync(() => folder.Ask("SELECT count(*) FROM groups") == 1, "the old ones are gone");
        folder.Time.Advance(TimeSpan.FromSeconds(1));

        await Eventually.HoldsAsync(() => journal.Health.State is JournalState.Running, "the file itself has room");
        await folder.AppendAsync("next");
    }

    [Test]
    public async Task Who_does_not_want_it_asked_is_not_refused()
    {
        await using var folder = new JournalInAFolder { Settings = new() { MinFreeMegabytes = 0 }, FreeBytes = 0 };
        await folder.OpenAsync();

        Assert.That(await folder.AppendAsync("r1"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_disk_that_can_not_be_asked_is_not_in_the_way()
    {
        using var folder = new TempFolder();
        using var meters = new Meters();
        await using var journal = new SqliteJournal(
            new JournalSettings { Path = folder.PathOf("j.db") }, [], TimeProvider.System, new JournalMetrics(meters), new RecordedLog<SqliteJournal>(),
            _ => throw new IOException("no such disk"));
        await journal.StartAsync(CancellationToken.None);

        Assert.That(await journal.AppendAsync(JournalInAFolder.Record("r"), CancellationToken.None), Is.EqualTo(1));
    }

    [Test]
    public void The_disk_says_how_much_room_it_has() => Assert.That(DiskWatch.FreeBytesOf(Path.Combine(Path.GetTempPath(), "x.db")), Is.Positive);

    private static async Task ShrinkAsync(JournalInAFolder folder, long bytes)
    {
        folder.FreeBytes = bytes;
        folder.Time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.HoldsAsync(() => folder.Journal.Health.State is JournalState.Failing, "the disk is too full");
    }

    private static async Task<JournalUnavailableReason?> RefusalAsync(JournalInAFolder folder)
    {
        try
        {
            await folder.AppendAsync("refused");
            return null;
        }
        catch (JournalUnavailableException refused)
        {
            return refused.Reason;
        }
    }
}
