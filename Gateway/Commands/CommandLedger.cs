using Gateway.Journal;

namespace Gateway.Commands;

/// <summary>
/// Makes steps durable, and lets them be seen: first the journal, then the index, and the store after them, in its own time. A step that is
/// not on disk has not happened.
/// </summary>
internal sealed class CommandLedger(
    IJournal journal, CommandIndex index, CommandFollower follower, RunTallies runs, CommandMetrics metrics, ILogger<CommandLedger> log)
{
    /// <summary>Called for each command that waits from now on, or again. Quick, and must not throw.</summary>
    public event Action<QueuedCommand>? Waits;

    /// <summary>Appends steps of one device, which has its turn: all of them, or none.</summary>
    /// <param name="steps">The steps.</param>
    /// <param name="exchange">The exchange that they happen in; empty for none.</param>
    /// <returns>The commands, with their place in the order of all.</returns>
    /// <exception cref="JournalUnavailableException">They are not known to be on disk.</exception>
    public async Task<IReadOnlyList<QueuedCommand>> AppendAsync(IReadOnlyList<CommandStepTaken> steps, string exchange = "")
    {
        using var underWay = follower.Begin();
        var records = steps.Select(step => step.ToRecord(exchange)).ToArray();

        // Not cancelled: whoever gives up waiting must not leave the memory behind the disk.
        var first = await journal.AppendAsync(records, CancellationToken.None);
        return Took(steps, first);
    }

    /// <summary>The steps are on disk, the first of them as this record. Called while <see cref="CommandFollower.Begin"/>'s object lives.</summary>
    public IReadOnlyList<QueuedCommand> Took(IReadOnlyList<CommandStepTaken> steps, long first)
    {
        var taken = new QueuedCommand[steps.Count];
        for (var i = 0; i < taken.Length; i++)
        {
            var order = follower.OrderOf(first + i);
            var (before, after) = (steps[i].Before, steps[i].After);
            taken[i] = after with { LastStep = order, Order = before is null ? order : after.Order };
            index.Put(taken[i]);
            runs.Stepped(before, taken[i]);
            follower.Add(taken[i], first + i);
            metrics.Stepped(before, taken[i]);
            Log(taken[i]);
            if (taken[i].State is CommandState.Queued)
            {
                Waits?.Invoke(taken[i]);
            }
        }

        return taken;
    }

    private void Log(QueuedCommand command) =>
        log.Stepped(command.RequestId, command.CommandType, command.Device, command.State.Name(), command.Reason is { } reason ? $": {reason}" : "");
}

/// <summary>A step that a command takes.</summary>
/// <param name="Before">The command before it; null for one that is new.</param>
/// <param name="After">The command after it.</param>
/// <param name="Bytes">What goes out with it.</param>
internal readonly record struct CommandStepTaken(QueuedCommand? Before, QueuedCommand After, ReadOnlyMemory<byte> Bytes = default)
{
    public JournalRecord ToRecord(string exchange) => CommandBody.ToRecord(After, Before?.State, exchange, Bytes);
}
