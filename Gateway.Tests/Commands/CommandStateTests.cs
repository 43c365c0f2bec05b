using Gateway.Commands;

namespace Gateway.Tests.Commands;

internal sealed class CommandStateTests
{
    private static readonly (CommandState From, CommandState To)[] Steps =
    [
        (CommandState.Queued, CommandState.Sent),
        (CommandState.Queued, CommandState.Cancelled),
        (CommandState.Queued, CommandState.Expired),
        (CommandState.Queued, CommandState.Failed),
        (CommandState.Sent, CommandState.Delivered),
    ];

    [Test]
    public void There_are_these_steps_and_no_others()
    {
        var possible = from one in Enum.GetValues<CommandState>()
                       from other in Enum.GetValues<CommandState>()
                       where one.CanBecome(other)
                       select (one, other);

        Assert.That(possible, Is.EquivalentTo(Steps));
    }

    [Test]
    public void An_ended_command_takes_no_step() => Assert.That(
        Enum.GetValues<CommandState>().Where(state => state.IsEnd() && Enum.GetValues<CommandState>().Any(other => state.CanBecome(other))), Is.Empty);
}
