using Gateway.Journal;
using Gateway.Tests.Support;

namespace Gateway.Tests.Journal;

/// <summary>A disk that really is full.</summary>
internal sealed class JournalDiskFullTests
{
    [Test]
    public async Task On_a_full_disk_nothing_is_called_safe_that_is_not_and_it_goes_on_when_there_is_room()
    {
        using var disk = new SmallDisk(megabytes: 8);
        var log = new RecordedLog<SqliteJournal>();
        using var meters = new Meters();
        var settings = new JournalSettings { Path = disk.PathOf("journal.db"), MinFreeMegabytes = 0 };
        var safe = new Dictionary<long, string>();
        await using (var journal = new SqliteJournal(settings, [], TimeProvider.System, new JournalMetrics(meters), log))
        {
            await journal.StartAsync(CancellationToken.None);
            for (var round = 1; round <= 3; round++)
            {
                Assert.That(await AppendUntilAsync(journal, safe, 50, $"{round}-well-"), Is.EqualTo(50), "there is room");
                disk.Fill();
                Assert.That(await AppendUntilAsync(journal, safe, 2000, $"{round}-full-"), Is.LessThan(2000), "the disk is full");
                Assert.That(journal.Health.State, Is.EqualTo(JournalState.Failing));
                disk.MakeRoom();
                await Eventually.HoldsAsync(() => journal.Health.State is JournalState.Running, "it works again, with no frame and no hand");
            }
        }

        var verdict = new JournalVerifier(settings.Path, TimeProvider.System).Verify(CancellationToken.None);
        using var reader = new JournalReader(settings.Path, (first, _, error) => Assert.Fail($"record {first}: {error}"));
        var kept = new Dictionary<long, string>();
        for (var records = reader.Read(0, 1000); records.Count > 0; records = reader.Read(records[^1].Sequence, 1000))
        {
            records.ForEach(record => kept.Add(record.Sequence, record.RequestId));
        }

        Assert.That(verdict.Problems, Is.Empty);
        Assert.That(safe.Where(promise => kept.GetValueOrDefault(promise.Key) != promise.Value), Is.Empty);
    }

    [Test]
    public async Task Before_the_disk_is_full_nothing_more_is_begun()
    {
        using var disk = new SmallDisk(megabytes: 16);
        var log = new RecordedLog<SqliteJournal>();
        using var meters = new Meters();
        var settings = new JournalSettings { Path = disk.PathOf("journal.db"), MinFreeMegabytes = 4 };
        await using var journal = new SqliteJournal(settings, [], TimeProvider.System, new JournalMetrics(meters), log);
        await journal.StartAsync(CancellationToken.None);
        await journal.AppendAsync(JournalInAFolder.Record("well"), CancellationToken.None);

        disk.Fill(left: 3 * 1024 * 1024);
        await Eventually.HoldsAsync(() => journal.Health.State is JournalState.Failing, "the disk is nearly full");
        Assert.That(
            async () => await journal.AppendAsync(JournalInAFolder.Record("refused"), CancellationToken.None),
            Throws.TypeOf<JournalUnavailableException>().With.Property(nameof(JournalUnavailableException.Reason)).EqualTo(JournalUnavailableReason.NoRoom));
        disk.MakeRoom();
        await Eventually.HoldsAsync(() => journal.Health.State is JournalState.Running, "there is room again");

        Assert.That(await journal.AppendAsync(JournalInAFolder.Record("well again"), CancellationToken.None), Is.EqualTo(2));
    }

    // Appends until one is refused; returns how many were taken.
    private static async Task<int> AppendUntilAsync(SqliteJournal journal, Dictionary<long, string> safe, int most, string prefix)
    {
        for (var taken = 0; taken < most; taken++)
        {
            var record = JournalInAFolder.Record(prefix + taken) with { Payload = new byte[1000] };
            try
            {
                safe.Add(await journal.AppendAsync(record, CancellationToken.None), record.RequestId);
            }
            catch (JournalUnavailableException)
            {
                return taken;
            }
        }

        return most;
    }
}
