using Gateway.Commands;
using Gateway.Devices;

namespace Gateway.Tests.Commands;

internal sealed class CommandIndexTests
{
    private static readonly DeviceId Device = DeviceId.Parse("a");
    private static readonly DateTimeOffset Now = SomeCommands.Now;

    [Test]
    public void Higher_priority_goes_first_and_then_the_order_of_arrival()
    {
        var index = IndexOf(SomeCommands.Queued("second", 2), SomeCommands.Queued("urgent", 3, priority: 1), SomeCommands.Queued("first", 1));

        Assert.That(Waiting(index), Is.EqualTo(new[] { "urgent", "first", "second" }));
    }

    [Test]
    public void What_was_sent_does_not_wait_and_what_has_ended_is_gone()
    {
        var (one, two) = (SomeCommands.Queued("one", 1), SomeCommands.Queued("two", 2));
        var index = IndexOf(one, two);

        index.Put(one.Step(CommandState.Sent, Now));
        var sent = index.Of(Device, 10, Now).Sent;
        index.Put(index.Find("one")!.Step(CommandState.Delivered, Now));
        var left = Waiting(index);
        index.Put(two.Step(CommandState.Cancelled, Now));

        Assert.That(sent.Select(command => command.RequestId), Is.EqualTo(new[] { "one" }));
        Assert.That(left, Is.EqualTo(new[] { "two" }));
        Assert.That((index.HasAny(Device), index.Count, index.Find("one")), Is.EqualTo((false, 0, (QueuedCommand?)null)), "an empty lane is forgotten");
    }

    [Test]
    public void What_was_put_back_has_its_old_place()
    {
        var one = SomeCommands.Queued("one", 1);
        var index = IndexOf(one, SomeCommands.Queued("two", 2));

        index.Put(one.Step(CommandState.Sent, Now));
        index.Put(index.Find("one")!.Step(CommandState.Queued, Now));

        Assert.That(Waiting(index), Is.EqualTo(new[] { "one", "two" }));
    }

    [Test]
    public void Those_whose_time_has_not_come_do_not_hide_those_behind_them()
    {
        var index = IndexOf([.. Enumerable.Range(0, 20).Select(i => SomeCommands.Queued($"later{i}", i, priority: 1) with { NotBefore = Now.AddHours(1) }), SomeCommands.Queued("now", 30)]);

        Assert.That(index.Of(Device, 1, Now).Waiting.Select(command => command.RequestId), Is.EqualTo(new[] { "now" }));
        Assert.That(index.Of(Device, 100, Now.AddHours(1)).Waiting, Has.Count.EqualTo(21));
    }

    [Test]
    public void What_has_expired_is_found_whoever_it_is_for_and_whatever_was_between()
    {
        var gone = SomeCommands.Queued("gone", 1, expiresAt: Now);
        var sent = SomeCommands.Queued("sent", 2, "b", expiresAt: Now);
        var index = IndexOf(gone, sent, SomeCommands.Queued("alive", 3, expiresAt: Now.AddSeconds(1)), SomeCommands.Queued("forever", 4));
        index.Put(sent.Step(CommandState.Sent, Now));

        var first = Ids(index.TakeExpired(Now, 10));
        index.Put(index.Find("sent")!.Step(CommandState.Queued, Now));

        Assert.That((first, Ids(index.TakeExpired(Now, 10))), Is.EqualTo(("gone", "sent")), "one that is put back can expire again");
        Assert.That(Ids(index.TakeExpired(Now, 10)), Is.Empty, "each is told once");
    }

    [Test]
    public void The_tally_tells_types_apart_up_to_a_bound()
    {
        var index = IndexOf([.. Enumerable.Range(0, 300).Select(i => SomeCommands.Queued($"r{i}", i) with { CommandType = $"type{i}" })]);
        index.Put(index.Find("r0")!.Step(CommandState.Sent, Now));

        Assert.That(index.Tally, Has.Count.LessThan(110));
        Assert.That((index.Tally.Sum(entry => entry.Waiting), index.Tally.Sum(entry => entry.Sent)), Is.EqualTo((299, 1)));
        Assert.That(index.Tally.Single(entry => entry.Labels.CommandType == "other").Waiting, Is.EqualTo(200));
    }

    private static CommandIndex IndexOf(params QueuedCommand[] commands)
    {
        var index = new CommandIndex();
        foreach (var command in commands)
        {
            index.Put(command);
        }

        return index;
    }

    private static IEnumerable<string> Waiting(CommandIndex index) => index.Of(Device, 100, Now).Waiting.Select(command => command.RequestId);

    private static string Ids(IEnumerable<QueuedCommand> commands) => string.Join(' ', commands.Select(command => command.RequestId).Order(StringComparer.Ordinal));
}
