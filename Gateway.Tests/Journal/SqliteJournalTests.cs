using Gateway.Journal;
using Gateway.Tests.Support;

namespace Gateway.Tests.Journal;

internal sealed class SqliteJournalTests
{
    [Test]
    public async Task An_appended_record_is_in_the_file_when_the_append_returns()
    {
        await using var folder = new JournalInAFolder();
        await folder.OpenAsync();

        for (var sequence = 1; sequence <= 20; sequence++)
        {
            Assert.That(await folder.AppendAsync($"r{sequence}"), Is.EqualTo(sequence));
            Assert.That(folder.Ask("SELECT max(first_sequence + count - 1) FROM groups"), Is.EqualTo(sequence));
        }
    }

    [Test]
    public async Task A_record_comes_back_as_it_was()
    {
        await using var folder = new JournalInAFolder();
        var journal = await folder.OpenAsync();
        var written = JournalInAFolder.Record("r1", readings: 3) with { Query = "a=1", ContentFormat = 42, Error = "none really" };
        await journal.AppendAsync(written, CancellationToken.None);

        var read = journal.Read(0, 10).Single();

        Assert.That(read.Payload.ToArray(), Is.EqualTo(written.Payload.ToArray()));
        Assert.That(read.Readings.ToArray(), Is.EqualTo(written.Readings.ToArray()));
        Assert.That(read with { Payload = default, Readings = default }, Is.EqualTo(written with { Sequence = 1, Payload = default, Readings = default }));
    }

    [Test]
    public async Task Records_that_wait_together_reach_the_disk_together()
    {
        await using var folder = new JournalInAFolder();
        await folder.OpenAsync();
        Task<long>[] appends;
        using (var other = folder.Connect())
        {
            // While another writes, nothing can be committed: one group is stuck, the rest gathers behind it.
            JournalInAFolder.Run(other, "BEGIN IMMEDIATE");
            appends = [.. Enumerable.Range(1, 500).Select(number => folder.AppendAsync($"r{number}"))];
            Assert.That(appends.Any(append => append.IsCompleted), Is.False);
            JournalInAFolder.Run(other, "ROLLBACK");
        }

        Assert.That(await Task.WhenAll(appends), Is.EqualTo(Enumerable.Range(1, 500)));
        Assert.That(folder.Ask("SELECT count(*) FROM groups"), Is.LessThanOrEqualTo(2));
        Assert.That(folder.Meters["gateway.journal.records"], Is.EqualTo(500));
        Assert.That(folder.Meters["gateway.journal.commits"], Is.LessThanOrEqualTo(2));
        Assert.That(folder.Meters["gateway.journal.pending"], Is.Zero);
    }

    [Test]
    public async Task Many_at_once_get_each_a_number_of_their_own_and_keep_their_own_order()
    {
        await using var folder = new JournalInAFolder();
        var journal = await folder.OpenAsync();
        var sequences = await Task.WhenAll(Enumerable.Range(0, 32).Select(writer => Task.Run(async () =>
        {
            var own = new List<long>();
            for (var i = 0; i < 50; i++)
            {
                own.Add(await folder.AppendAsync($"{writer}/{i}"));
            }

            return own;
        })));

        Assert.That(sequences, Has.All.Ordered);
        Assert.That(sequences.SelectMany(own => own).Order(), Is.EqualTo(Enumerable.Range(1, 1600)));
        var read = journal.Read(0, 2000);
        Assert.That(read.Select(record => record.Sequence), Is.EqualTo(Enumerable.Range(1, 1600)));
        Assert.That(read.All(record => sequences[Writer(record)][Index(record)] == record.Sequence), "each record stands where its writer was told");

        static int Writer(JournalRecord record) => int.Parse(record.RequestId.Split('/')[0], null);
        static int Index(JournalRecord record) => int.Parse(record.RequestId.Split('/')[1], null);
    }

    [Test]
    public async Task A_reopened_journal_numbers_on()
    {
        await using var folder = new JournalInAFolder();
        await folder.OpenAsync();
        await folder.AppendManyAsync(3);

        var journal = await folder.ReopenAsync();

        Assert.That(journal.LastSequence, Is.EqualTo(3));
        Assert.That(await folder.AppendAsync("r4"), Is.EqualTo(4));
        Assert.That(journal.Read(0, 10).Select(record => record.RequestId), Is.EqualTo(new[] { "r1", "r2", "r3", "r4" }));
    }

    [Test]
    public async Task A_closed_journal_is_one_file()
    {
        await using var folder = new JournalInAFolder();
        var journal = await folder.OpenAsync();
        await folder.AppendManyAsync(3);
        journal.Read(0, 10);

        await journal.StopAsync(CancellationToken.None);

        Assert.That(Directory.GetFiles(Path.GetDirectoryName(folder.Path)!), Is.EqualTo(new[] { folder.Path }), "nothing is left in the WAL");
    }

    [Test]
    public async Task What_waits_when_the_journal_stops_is_still_written()
    {
        await using var folder = new JournalInAFolder();
        var journal = await folder.OpenAsync();
        var appends = Enumerable.Range(1, 200).Select(number => folder.AppendAsync($"r{number}")).ToArray();

        await journal.StopAsync(CancellationToken.None);

        Assert.That(await Task.WhenAll(appends), Is.EqualTo(Enumerable.Range(1, 200)));
        Assert.That(folder.Ask("SELECT sum(count) FROM groups"), Is.EqualTo(200));
    }

    [Test]
    public async Task Reading_starts_and_ends_anywhere_in_a_group()
    {
        await using var folder = new JournalInAFolder();
        var journal = await folder.OpenAsync();
        await Task.WhenAll(Enumerable.Range(1, 100).Select(number => folder.AppendAsync($"r{number}")));

        for (var after = 0; after <= 100; after += 7)
        {
            var expected = Enumerable.Range(after + 1, 100 - after).Take(9);
            Assert.That(journal.Read(after, 9).Select(record => record.Sequence), Is.EqualTo(expected));
        }
    }

    [Test]
    public async Task Large_records_come_in_small_batches()
    {
        await using var folder = new JournalInAFolder();
        var journal = await folder.OpenAsync();
        for (var i = 0; i < 4; i++)
        {
            await journal.AppendAsync(JournalInAFolder.Record("r") with { Payload = new byte[6_000_000] }, CancellationToken.None);
        }

        Assert.That(journal.Read(0, 100).Select(record => record.Sequence), Is.EqualTo(new[] { 1, 2 }));
        Assert.That(journal.Read(2, 100).Select(record => record.Sequence), Is.EqualTo(new[] { 3, 4 }));
    }

    [Test]
    public async Task Waiting_for_records_ends_when_there_is_one()
    {
        await using var folder = new JournalInAFolder();
        var journal = await folder.OpenAsync();
        await folder.AppendAsync("r1");
        await journal.WaitForRecordsAsync(0, CancellationToken.None).WaitAsync(Eventually.Limit);

        var waiting = journal.WaitForRecordsAsync(1, CancellationToken.None);
        Assert.That(waiting.IsCompleted, Is.False);
        await folder.AppendAsync("r2");

        await waiting.WaitAsync(Eventually.Limit);
    }

    [Test]
    public async Task Waiting_for_records_can_be_given_up()
    {
        await using var folder = new JournalInAFolder();
        var journal = await folder.OpenAsync();
        using var enough = new CancellationTokenSource();
        var waiting = journal.WaitForRecordsAsync(0, enough.Token);

        await enough.CancelAsync();

        Assert.That(async () => await waiting, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task The_WAL_is_moved_into_the_database_while_records_keep_coming()
    {
        await using var folder = new JournalInAFolder();
        var journal = await folder.OpenAsync();
        var large = JournalInAFolder.Record("r") with { Payload = new byte[500_000] };

        // The database file itself only grows when the WAL is moved.
        await Eventually.HoldsAsync(
            () => journal.AppendAsync(large, CancellationToken.None).AsTask().GetAwaiter().GetResult() > 0 && new FileInfo(folder.Path).Length > 10_000_000,
            "a database of ten megabytes");
    }
}
