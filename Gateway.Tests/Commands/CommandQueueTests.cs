using Gateway.Commands;
using Gateway.Devices;
using Gateway.Scripting.Contract;

namespace Gateway.Tests.Commands;

internal sealed class CommandQueueTests
{
    private static readonly DeviceId Device = DeviceId.Parse("a");
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Test]
    public void Higher_priority_goes_first_and_then_the_order_of_arrival()
    {
        var queue = QueueOf(CommandOf("first", 1), CommandOf("second", 2), CommandOf("urgent", 3, priority: 1));

        Assert.That(TakeAll(queue), Is.EqualTo(new[] { "urgent", "first", "second" }));
        Assert.That(queue.HasAny(Device), Is.False, "an empty lane is forgotten");
    }

    [Test]
    public void A_command_that_was_taken_is_nobody_elses()
    {
        var queue = QueueOf(CommandOf("only", 1));

        var mine = queue.TakeNext(Device);

        Assert.That(mine, Is.Not.Null);
        Assert.That(queue.TakeNext(Device), Is.Null);
        Assert.That(queue.TakeQueued(Device, "only"), Is.Null);
    }

    [Test]
    public void Sent_commands_wait_in_a_lane_of_their_own()
    {
        var queue = QueueOf(CommandOf("sent", 1).Step(CommandState.Sent, Now), CommandOf("waiting", 2));

        Assert.That(queue.Waiting(Device), Is.EqualTo(1));
        Assert.That(queue.TakeSent(Device).Select(command => command.RequestId), Is.EqualTo(new[] { "sent" }));
        Assert.That(TakeAll(queue), Is.EqualTo(new[] { "waiting" }));
    }

    [Test]
    public void What_has_expired_is_found_whoever_it_is_for()
    {
        var queue = QueueOf(CommandOf("gone", 1, expiresAt: Now), CommandOf("alive", 2, expiresAt: Now.AddSeconds(1)), CommandOf("forever", 3));

        Assert.That(queue.TakeExpired(Now).Select(command => command.RequestId), Is.EqualTo(new[] { "gone" }));
        Assert.That(TakeAll(queue), Is.EqualTo(new[] { "alive", "forever" }));
    }

    [Test]
    public void Many_takers_get_each_command_once()
    {
        var queue = QueueOf([.. Enumerable.Range(0, 1000).Select(i => CommandOf($"r{i}", i))]);
        var taken = new System.Collections.Concurrent.ConcurrentBag<string>();

        Parallel.For(0, 8, _ =>
        {
            while (queue.TakeNext(Device) is { } command)
            {
                taken.Add(command.RequestId);
            }
        });

        Assert.That(taken, Is.Unique.And.Count.EqualTo(1000));
    }

    private static CommandQueue QueueOf(params QueuedCommand[] commands)
    {
        var queue = new CommandQueue();
        foreach (var command in commands)
        {
            queue.Add(command);
        }

        return queue;
    }

    private static IEnumerable<string> TakeAll(CommandQueue queue)
    {
        while (queue.TakeNext(Device) is { } command)
        {
            yield return command.RequestId;
        }
    }

    private static QueuedCommand CommandOf(string requestId, long order, int priority = 0, DateTimeOffset? expiresAt = null) => new()
    {
        Command = new Command { RequestId = requestId, DeviceId = "a", CommandType = "set", Priority = priority, ExpiresAt = expiresAt },
        Device = Device,
        Order = order,
        CreatedAt = Now,
        UpdatedAt = Now,
    };
}
