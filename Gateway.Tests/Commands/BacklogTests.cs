using Gateway.Commands;

namespace Gateway.Tests.Commands;

/// <summary>What the store does not have yet, and who waits for it.</summary>
internal sealed class BacklogTests
{
    [Test]
    public void Who_waits_waits_for_what_is_there_and_not_for_what_comes_meanwhile()
    {
        var backlog = new Backlog();
        backlog.Add(SomeCommands.Queued("a", 1), 1);
        var written = backlog.WrittenAsync();
        var batch = backlog.Take(10, out _);
        backlog.Add(SomeCommands.Queued("b", 2), 2);

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
            backlog.Add(SomeCommands.Queued($"c{number}", number), number);
        }

        var written = backlog.WrittenAsync();
        backlog.Done(backlog.Take(3, out _));
        var early = written.IsCompleted;
        backlog.Done(backlog.Take(3, out _));

        Assert.That((early, written.IsCompleted), Is.EqualTo((false, true)));
    }

    [Test]
    public void What_was_put_back_is_written_first_as_it_is_by_then_and_waited_for()
    {
        var backlog = new Backlog();
        var queued = SomeCommands.Queued("a", 1);
        var sent = queued.Step(CommandState.Sent, SomeCommands.Now).At(3);
        backlog.Add(queued, 1);
        var written = backlog.WrittenAsync();
        var batch = backlog.Take(10, out _);
        backlog.Add(SomeCommands.Queued("b", 2), 2);
        backlog.Add(sent, 3);
        backlog.PutBack(batch);

        var again = backlog.Take(1, out var before);
        backlog.Done(again);

        Assert.That((again.Single().State, before, written.IsCompleted), Is.EqualTo((CommandState.Sent, 1L, true)));
    }
}
