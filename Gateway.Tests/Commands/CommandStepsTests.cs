using Gateway.Commands;
using Gateway.Devices;
using Gateway.Journal;

namespace Gateway.Tests.Commands;

/// <summary>The table of steps, all of it: each state with each other one, sent before and never sent.</summary>
internal sealed class CommandStepsTests
{
    // In words for people: docs/commands.md.
    private static readonly string[] Steps =
    [
        "new → queued",
        "queued → sent", "queued → expired", "queued → cancelled", "queued → superseded", "queued → failed",
        "queued, sent before → applied", "queued, sent before → rejected",
        "sent → sent", "sent → queued", "sent → delivered", "sent → applied", "sent → rejected", "sent → expired", "sent → failed",
        "delivered → applied", "delivered → rejected", "delivered → failed",
    ];

    private static readonly CommandState?[] From = [null, .. Enum.GetValues<CommandState>()];

    [Test]
    public void There_are_these_steps_and_no_others()
    {
        var possible = from one in From
                       from other in Enum.GetValues<CommandState>()
                       from attempts in new[] { 0, 1 }
                       where one.CanBecome(other, attempts)
                       let needsAttempt = !one.CanBecome(other, 0)
                       select $"{one?.Name() ?? "new"}{(needsAttempt ? ", sent before" : "")} → {other.Name()}";

        Assert.That(possible.Distinct(), Is.EquivalentTo(Steps));
    }

    [Test]
    public void What_has_ended_takes_no_step() => Assert.That(
        from state in Enum.GetValues<CommandState>()
        where !state.IsActive() && state is not CommandState.Delivered
        from other in Enum.GetValues<CommandState>()
        where ((CommandState?)state).CanBecome(other, 1)
        select (state, other),
        Is.Empty);

    [Test]
    public void The_journal_has_the_same_states_under_the_same_numbers() => Assert.That(
        Enum.GetValues<CommandState>().Select(state => (state.ToString(), (byte)state)),
        Is.EqualTo(Enum.GetValues<CommandStepState>().Where(state => state is not CommandStepState.None).Select(state => (state.ToString(), (byte)state))));

    [Test]
    public void An_impossible_step_is_refused_and_counts_for_nothing()
    {
        var command = SomeCommands.Queued("r1", 1);

        Assert.That(() => command.Step(CommandState.Delivered, SomeCommands.Now), Throws.InvalidOperationException.With.Message.Contains("r1"));
        Assert.That(command.History.Select(step => step.State), Is.EqualTo(new[] { CommandState.Queued }));
    }

    [Test]
    public void The_history_has_each_step_with_time_attempt_and_reason()
    {
        var command = SomeCommands.Queued("r1", 1)
            .Step(CommandState.Sent, SomeCommands.Now.AddMinutes(1))
            .Step(CommandState.Sent, SomeCommands.Now.AddMinutes(2), "again")
            .Step(CommandState.Rejected, SomeCommands.Now.AddMinutes(3), "no");

        Assert.That(command.History, Is.EqualTo(new CommandEvent[]
        {
            new(CommandState.Queued, SomeCommands.Now, 0, null),
            new(CommandState.Sent, SomeCommands.Now.AddMinutes(1), 1, null),
            new(CommandState.Sent, SomeCommands.Now.AddMinutes(2), 2, "again"),
            new(CommandState.Rejected, SomeCommands.Now.AddMinutes(3), 2, "no"),
        }));
        Assert.That((command.Attempts, command.SentAt, command.Reason), Is.EqualTo((2, (DateTimeOffset?)SomeCommands.Now.AddMinutes(2), "no")));
    }

    [Test]
    public void A_history_is_bounded_and_keeps_its_ends()
    {
        var command = SomeCommands.Queued("r1", 1);
        for (var i = 1; i <= 1000; i++)
        {
            command = command.Step(CommandState.Sent, SomeCommands.Now.AddSeconds(i));
        }

        Assert.That(command.History.Count(), Is.LessThan(300));
        Assert.That((command.History.ElementAt(1).Attempt, command.History.Last().Attempt), Is.EqualTo((1, 1000)));
    }
}

/// <summary>Commands for tests.</summary>
internal static class SomeCommands
{
    public static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static QueuedCommand Queued(string requestId, long order, string device = "a", int priority = 0, DateTimeOffset? expiresAt = null)
    {
        var request = new CommandRequest { RequestId = requestId, DeviceId = device, CommandType = "set", Priority = priority, ExpiresAt = expiresAt };
        return CommandBody.Of(request, request.ToJson(), requestId, "p", CommandConfirm.NextMessage, expiresAt, Now) with { Order = order, LastStep = order };
    }

    /// <summary>The command after a step that the journal has as this record.</summary>
    public static QueuedCommand At(this QueuedCommand command, long lastStep) => command with { LastStep = lastStep };
}
