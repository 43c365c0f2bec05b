using Gateway.Journal;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Journal;

/// <summary>Those who wait for a frame to be safe go on with the thread that has made it so, and do not wait for ever.</summary>
internal sealed class JournalWaitTests
{
    [Test]
    public async Task Who_waits_goes_on_with_the_committing_thread_and_all_of_a_group_together()
    {
        var together = 0;
        using var mayTell = new ManualResetEventSlim();
        await using var folder = new JournalInAFolder
        {
            Together = tell =>
            {
                Interlocked.Increment(ref together);
                mayTell.Wait(Eventually.Limit);
                tell();
            },
        };
        var journal = await folder.OpenAsync();

        var waits = Enumerable.Range(1, 100).Select(number => WaitAsync(journal, $"r{number}")).ToArray();
        mayTell.Set();
        var told = await Task.WhenAll(waits).WaitAsync(Eventually.Limit);

        Assert.That(told.Select(wait => wait.Sequence), Is.EquivalentTo(Enumerable.Range(1, 100).Select(number => (long)number)));
        Assert.That(told.Select(wait => wait.Thread).Distinct(), Is.EqualTo(new[] { "journal commits" }));
        Assert.That(together, Is.EqualTo(folder.Meters["gateway.journal.commits"]));
    }

    [Test]
    public async Task Who_has_waited_too_long_is_told_and_the_record_waits_on()
    {
        var time = new FakeTimeProvider();
        var pending = new PendingGroups(100, time);
        pending.Open();
        pending.TryAdd([JournalInAFolder.Record("before"), JournalInAFolder.Record("old")], out CommitWait? old, out _);
        time.Advance(TimeSpan.FromSeconds(10));
        pending.GiveUpAfter(TimeSpan.FromSeconds(10));
        pending.TryAdd([JournalInAFolder.Record("new")], out CommitWait? young, out _);
        pending.GiveUpAfter(TimeSpan.FromSeconds(10));

        var late = Assert.ThrowsAsync<JournalUnavailableException>(async () => await old!.Sequence);
        Assert.That(late.Reason, Is.EqualTo(JournalUnavailableReason.Slow));
        using var first = pending.Take()!;
        var settled = late.Settled!();
        Assert.That(settled.IsCompleted, Is.False);
        first.Complete(new CommitResult(1));
        Assert.That(await settled, Is.EqualTo(1), "the first of its records");
        pending.Done(first);
        using var second = pending.Take()!;
        second.Complete(new CommitResult(3));

        Assert.That((first.Count, second.Count), Is.EqualTo((2, 1)), "nobody joins a group that was given up");
        Assert.That(await young!.Sequence, Is.EqualTo(3));
    }

    [Test]
    public void While_records_gather_the_committer_is_woken_for_many_only_and_once()
    {
        var pending = new PendingGroups(100, TimeProvider.System);
        pending.Open();
        Assert.That(Add(), Is.True, "it may be asleep");
        Assert.That(pending.BeginGathering(), Is.True);

        var woken = Enumerable.Range(2, 99).Where(_ => Add()).ToArray();
        Assert.That(woken, Is.EqualTo(new[] { PendingGroups.ManyRecords }));
        Assert.That(pending.BeginGathering(), Is.False, "there are many already");

        using var group = pending.Take()!;
        Assert.That(group.Waits, Is.EqualTo(100));
        pending.Done(group);
        Assert.That(pending.BeginGathering(), Is.True);
        Assert.That(pending.Take(), Is.Null);
        Assert.That(Add(), Is.True, "it gathers no longer");

        bool Add()
        {
            Assert.That(pending.TryAdd([JournalInAFolder.Record("r")], out CommitWait? _, out var wake), Is.Null);
            return wake;
        }
    }

    [Test]
    public async Task A_frame_that_comes_alone_behind_several_waits_for_no_others()
    {
        await using var folder = new JournalInAFolder();
        var journal = await folder.OpenAsync();
        for (var round = 0; round < 20; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 5).Select(number => WaitAsync(journal, $"r{number}"))).WaitAsync(Eventually.Limit);
            await WaitAsync(journal, "alone").WaitAsync(Eventually.Limit);
        }

        Assert.That(journal.LastSequence, Is.EqualTo(20 * 6));
    }

    private static async Task<(long Sequence, string? Thread)> WaitAsync(SqliteJournal journal, string requestId)
    {
        var sequence = await journal.AppendFrameAsync([JournalInAFolder.Record(requestId)]).ConfigureAwait(false);
        return (sequence, Thread.CurrentThread.Name);
    }
}
