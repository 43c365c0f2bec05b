using Gateway.Commands;

namespace Gateway.Tests.Commands;

/// <summary>What the store does not have yet, and who waits for it.</summary>
internal sealed class BacklogTests
{
    [Test]
    public void Who_waits_waits_for_what_is_there_and_not_for_what_comes_meanwhile()
    {
        var backlog = new Backlog();
        backlog.Add(SomeCommands.Queued("a", 1), 1, now: 0);
        var written = backlog.WrittenAsync();
        var batch = backlog.Take(10, until: 0, out _);
        backlog.Add(SomeCommands.Queued("b", 2), 2, now: 0);

        var before = written.IsCompleted;
        backlog.Done(batch);

        Assert.That((before, written.IsCompleted, backlog.Count), Is.EqualTo((false, true, 1)));
    }

    [Test]
    public void Nobody_waits_for_nothing() => Assert.That(new Backlog().WrittenAsync().IsCompleted);

    [Test]
    public void Who_waits_for_several_batches_waits_for_the_last()
    {
        var backlog = new Backlog();
        foreach (var number in Enumerable.Range(1, 5))
        {
            backlog.Add(SomeCommands.Queued($"c{number}", number), number, now: 0);
        }

        var written = backlog.WrittenAsync();
        backlog.Done(backlog.Take(3, until: 0, out _));
        var early = written.IsCompleted;
        backlog.Done(backlog.Take(3, until: 0, out _));

        Assert.That((early, written.IsCompleted), Is.EqualTo((false, true)));
    }

    [Test]
    public void What_was_put_back_is_written_first_as_it_is_by_then_and_waited_for()
    {
        var backlog = new Backlog();
        var queued = SomeCommands.Queued("a", 1);
        var sent = queued.Step(CommandState.Sent, SomeCommands.Now).At(3);
        backlog.Add(queued, 1, now: 0);
        var written = backlog.WrittenAsync();
        var batch = backlog.Take(10, until: 0, out _);
        backlog.Add(SomeCommands.Queued("b", 2), 2, now: 0);
        backlog.Add(sent, 3, now: 0);
        backlog.PutBack(batch);

        var again = backlog.Take(1, until: 0, out var before);
        backlog.Done(again);

        Assert.That((again.Single().State, before, written.IsCompleted), Is.EqualTo((CommandState.Sent, 1L, true)));
    }

    [Test]
    public void A_command_waits_for_its_next_steps_and_is_taken_as_it_is_when_its_time_has_come()
    {
        var backlog = new Backlog();
        var queued = SomeCommands.Queued("a", 1);
        backlog.Add(queued, 1, now: 100);
        backlog.Add(queued.Step(CommandState.Sent, SomeCommands.Now).At(2), 2, now: 150);
        backlog.Add(SomeCommands.Queued("b", 3), 3, now: 160);

        var early = backlog.Take(10, until: 99, out var before);
        var due = backlog.Take(10, until: 100, out var beforeNext);

        Assert.That((early.Count, before), Is.EqualTo((0, 0L)));
        Assert.That((due.Single().RequestId, due.Single().State, beforeNext), Is.EqualTo(("a", CommandState.Sent, 2L)));
    }

    [Test]
    public void What_somebody_waits_for_is_taken_at_once_and_what_comes_later_is_not()
    {
        var backlog = new Backlog();
        backlog.Add(SomeCommands.Queued("a", 1), 1, now: 100);
        _ = backlog.WrittenAsync();
        backlog.Add(SomeCommands.Queued("b", 2), 2, now: 100);

        Assert.That(backlog.Take(10, until: 0, out _).Select(command => command.RequestId), Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public void What_there_is_too_much_of_is_kept_back_no_longer()
    {
        const int Bound = 5_000;
        var backlog = new Backlog();
        foreach (var number in Enumerable.Range(1, Bound + 2))
        {
            backlog.Add(SomeCommands.Queued($"c{number}", number), number, now: 100);
        }

        Assert.That(backlog.Take(10, until: 0, out _).Select(command => command.RequestId), Is.EqualTo(new[] { "c1", "c2" }));
    }
}
