using Gateway.Tests.Support;

namespace Gateway.Tests.Journal;

internal sealed class JournalDamageTests
{
    private const int RecordsDamaged = 1404;

    [TestCase("UPDATE groups SET body = substr(body, 1, length(body) - 5) WHERE first_sequence = 2", TestName = "A_torn_group_is_told_and_the_others_are_read")]
    [TestCase("UPDATE groups SET body = x'' WHERE first_sequence = 2", TestName = "An_emptied_group_is_told_and_the_others_are_read")]
    [TestCase("UPDATE groups SET body = substr(body, 1, 40) || x'FF' || substr(body, 42) WHERE first_sequence = 2", TestName = "A_changed_byte_is_told_and_the_others_are_read")]
    [TestCase("UPDATE groups SET body = randomblob(500) WHERE first_sequence = 2", TestName = "A_group_of_noise_is_told_and_the_others_are_read")]
    public async Task Damage_is_told_and_the_others_are_read(string damage)
    {
        await using var folder = new JournalInAFolder { ExpectedComplaints = [RecordsDamaged] };
        await folder.OpenAsync();
        await folder.AppendManyAsync(3);
        folder.Run(damage);
        var journal = await folder.ReopenAsync();

        Assert.That(journal.Read(0, 10).Select(record => record.Sequence), Is.EqualTo(new[] { 1, 3 }));
        Assert.That(journal.Read(1, 1).Select(record => record.Sequence), Is.EqualTo(new[] { 3 }));
        Assert.That(folder.Log.Texts(RecordsDamaged), Has.Count.EqualTo(1), "once, however often it is come across");
        Assert.That(journal.Health.Damaged, Is.EqualTo(1));
        Assert.That(folder.Meters["gateway.journal.damaged"], Is.EqualTo(1));
    }

    [Test]
    public async Task Within_a_group_only_the_damaged_record_is_lost()
    {
        await using var folder = new JournalInAFolder { ExpectedComplaints = [RecordsDamaged] };
        var journal = await folder.OpenAsync();
        using (var other = folder.Connect())
        {
            JournalInAFolder.Run(other, "BEGIN IMMEDIATE");
            _ = folder.AppendAsync("r0");
            await Eventually.HoldsAsync(() => journal.Health.Pending == 1, "the first waits");
            var rest = Enumerable.Range(1, 9).Select(number => folder.AppendAsync($"r{number}")).ToArray();
            JournalInAFolder.Run(other, "ROLLBACK");
            await Task.WhenAll(rest);
        }

        var last = folder.Ask("SELECT max(first_sequence) FROM groups");
        folder.Run($"UPDATE groups SET body = substr(body, 1, 20) || x'EEEE' || substr(body, 23) WHERE first_sequence = {last}");
        journal = await folder.ReopenAsync();

        Assert.That(journal.Read(0, 100).Select(record => record.Sequence), Is.EqualTo(Enumerable.Range(1, 10).Where(sequence => sequence != last)));
    }

    [Test]
    public async Task Numbers_go_on_behind_a_damaged_end()
    {
        await using var folder = new JournalInAFolder { ExpectedComplaints = [RecordsDamaged] };
        await folder.OpenAsync();
        await folder.AppendManyAsync(2);
        folder.Run("UPDATE groups SET body = x'00' WHERE first_sequence = 2");

        var journal = await folder.ReopenAsync();

        Assert.That(journal.Read(1, 10), Is.Empty);
        Assert.That(await folder.AppendAsync("r3"), Is.EqualTo(3));
        Assert.That(journal.Read(1, 10).Select(record => record.Sequence), Is.EqualTo(new[] { 3 }));
    }
}
