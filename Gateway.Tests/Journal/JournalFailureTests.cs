using Gateway.Journal;
using Gateway.Tests.Support;

namespace Gateway.Tests.Journal;

/// <summary>What a frame's sender is told must be true, above all when the disk is not well.</summary>
internal sealed class JournalFailureTests
{
    private const int CommitFailed = 1402;
    private const int Recovered = 1403;
    private const int Full = 1407;

    // The disk refuses the row, or only the commit itself.
    private static readonly string[] Refusals =
    [
        "CREATE TRIGGER refuse BEFORE INSERT ON groups BEGIN SELECT RAISE(ABORT, 'no room'); END;",
        """
        CREATE TABLE parents (id INTEGER PRIMARY KEY);
        CREATE TABLE children (parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED);
        CREATE TRIGGER refuse AFTER INSERT ON groups BEGIN INSERT INTO children VALUES (1); END;
        """,
    ];

    [TestCaseSource(nameof(Refusals))]
    public async Task A_commit_that_fails_is_told_to_everyone_in_it_and_later_ones_work(string refusal)
    {
        await using var folder = new JournalInAFolder { ExpectedComplaints = [CommitFailed, Recovered] };
        var journal = await folder.OpenAsync();
        await folder.AppendAsync("before");
        folder.Run(refusal);

        var failed = await Task.WhenAll(Enumerable.Range(1, 50).Select(number => OutcomeAsync(journal, $"lost{number}")));
        Assert.That(failed, Has.All.EqualTo(JournalUnavailableReason.Failing));
        Assert.That(journal.Health.State, Is.EqualTo(JournalState.Failing));
        Assert.That(journal.Health.Error, Is.Not.Empty);
        Assert.That(journal.LastSequence, Is.EqualTo(1));

        folder.Run("DROP TRIGGER refuse");
        Assert.That(await folder.AppendAsync("after"), Is.EqualTo(2));
        Assert.That(journal.Health.State, Is.EqualTo(JournalState.Running));
        Assert.That(journal.Read(0, 100).Select(record => record.RequestId), Is.EqualTo(new[] { "before", "after" }));
        Assert.That(folder.Log.Texts(CommitFailed), Has.Count.EqualTo(1), "one line, however many frames");
        Assert.That(folder.Meters["gateway.journal.records"], Is.EqualTo(2));
    }

    [Test]
    public async Task A_journal_that_failed_is_tried_again_although_no_frame_comes()
    {
        await using var folder = new JournalInAFolder { ExpectedComplaints = [CommitFailed, Recovered] };
        var journal = await folder.OpenAsync();
        folder.Run(Refusals[0]);
        Assert.That(await OutcomeAsync(journal, "lost"), Is.EqualTo(JournalUnavailableReason.Failing));

        folder.Run("DROP TRIGGER refuse");
        folder.Time.Advance(TimeSpan.FromSeconds(1));

        await Eventually.HoldsAsync(() => journal.Health.State == JournalState.Running, "the journal is well again");
    }

    [Test]
    public async Task A_file_that_is_deleted_under_the_journal_is_no_place_to_write_to()
    {
        await using var folder = new JournalInAFolder { ExpectedComplaints = [CommitFailed] };
        var journal = await folder.OpenAsync();
        await folder.AppendAsync("r1");

        File.Delete(folder.Path);

        Assert.That(await OutcomeAsync(journal, "r2"), Is.EqualTo(JournalUnavailableReason.Failing));
        Assert.That(await OutcomeAsync(journal, "r3"), Is.EqualTo(JournalUnavailableReason.Failing));
        Assert.That(File.Exists(folder.Path), Is.False, "a new one would number from 1");
    }

    [Test]
    public async Task A_journal_with_no_room_for_more_says_so_at_once_and_takes_them_later()
    {
        await using var folder = new JournalInAFolder { Settings = new() { MaxPending = 16 }, ExpectedComplaints = [Full] };
        var journal = await folder.OpenAsync();
        Task<long>[] waiting;
        using (var other = folder.Connect())
        {
            JournalInAFolder.Run(other, "BEGIN IMMEDIATE");
            waiting = [.. Enumerable.Range(1, 16).Select(number => folder.AppendAsync($"r{number}"))];

            Assert.That(await OutcomeAsync(journal, "one too many"), Is.EqualTo(JournalUnavailableReason.Full));
            Assert.That(journal.Health.Pending, Is.EqualTo(16));
            Assert.That(folder.Meters["gateway.journal.pending"], Is.EqualTo(16));
            JournalInAFolder.Run(other, "ROLLBACK");
        }

        await Task.WhenAll(waiting);
        Assert.That(await folder.AppendAsync("r17"), Is.EqualTo(17));
    }

    [Test]
    public async Task Giving_up_the_wait_does_not_take_the_record_back()
    {
        await using var folder = new JournalInAFolder();
        var journal = await folder.OpenAsync();
        using var enough = new CancellationTokenSource();
        using (var other = folder.Connect())
        {
            JournalInAFolder.Run(other, "BEGIN IMMEDIATE");
            var append = journal.AppendAsync(JournalInAFolder.Record("r1"), enough.Token).AsTask();
            await enough.CancelAsync();
            Assert.That(async () => await append, Throws.InstanceOf<OperationCanceledException>());
            JournalInAFolder.Run(other, "ROLLBACK");
        }

        await Eventually.HoldsAsync(() => journal.LastSequence == 1, "the record is on disk");
    }

    [Test]
    public async Task Before_the_start_and_after_the_stop_nothing_is_taken()
    {
        await using var folder = new JournalInAFolder();
        Assert.That(await OutcomeAsync(folder.New(), "early"), Is.EqualTo(JournalUnavailableReason.Closed));

        var journal = await folder.OpenAsync();
        await journal.StopAsync(CancellationToken.None);

        Assert.That(await OutcomeAsync(journal, "late"), Is.EqualTo(JournalUnavailableReason.Closed));
        Assert.That(() => journal.Read(0, 1), Throws.TypeOf<JournalUnavailableException>());
        Assert.That(journal.Health.State, Is.EqualTo(JournalState.Closed));
    }

    [Test]
    public async Task A_record_beyond_all_reason_is_refused()
    {
        await using var folder = new JournalInAFolder();
        var journal = await folder.OpenAsync();
        var record = JournalInAFolder.Record("huge") with { Payload = new byte[JournalCodec.MaxRecordBytes] };

        Assert.That(async () => await journal.AppendAsync(record, CancellationToken.None), Throws.ArgumentException.With.Message.Contains("huge"));
    }

    [Test]
    public async Task A_journal_of_a_newer_gateway_is_left_alone()
    {
        await using var folder = new JournalInAFolder();
        var journal = await folder.OpenAsync();
        await journal.StopAsync(CancellationToken.None);
        folder.Run("UPDATE meta SET version = 3");

        Assert.That(folder.OpenAsync, Throws.TypeOf<JournalFileException>()
            .With.Message.Contains(folder.Path).And.Message.Contains("version 3").And.Message.Contains("up to 2"));
    }

    [Test]
    public async Task A_database_of_someone_else_is_left_alone()
    {
        await using var folder = new JournalInAFolder();
        folder.Run("CREATE TABLE groceries (name TEXT)");

        Assert.That(folder.OpenAsync, Throws.TypeOf<JournalFileException>().With.Message.Contains(folder.Path));
        Assert.That(folder.Ask("SELECT count(*) FROM sqlite_schema"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_file_that_is_no_database_is_named()
    {
        await using var folder = new JournalInAFolder();
        await File.WriteAllTextAsync(folder.Path, new string('x', 5000));

        Assert.That(folder.OpenAsync, Throws.TypeOf<JournalFileException>().With.Message.Contains(folder.Path));
    }

    [Test]
    public async Task A_path_that_can_not_be_a_file_is_named()
    {
        await using var folder = new JournalInAFolder();
        Directory.CreateDirectory(folder.Path);

        Assert.That(folder.OpenAsync, Throws.TypeOf<JournalFileException>().With.Message.Contains(folder.Path));
    }

    private static async Task<JournalUnavailableReason?> OutcomeAsync(SqliteJournal journal, string requestId)
    {
        try
        {
            await journal.AppendAsync(JournalInAFolder.Record(requestId), CancellationToken.None).AsTask().WaitAsync(Eventually.Limit);
            return null;
        }
        catch (JournalUnavailableException refused)
        {
            return refused.Reason;
        }
    }
}
