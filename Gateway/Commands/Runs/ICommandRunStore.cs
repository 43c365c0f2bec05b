namespace Gateway.Commands;

/// <summary>
/// Where runs are kept. A write is on disk when its task completes. How many commands of a run have ended how follows from what
/// <see cref="ICommandStore.ApplyAsync"/> is given.
/// </summary>
internal interface ICommandRunStore
{
    /// <summary>All runs, with the counts of their commands that have ended, as the store has them. Asked once, at start.</summary>
    IReadOnlyList<(CommandRun Run, RunCounts Counts)> Load();

    ValueTask SaveAsync(CommandRun run, CancellationToken cancellation);

    /// <summary>Forgets a run and its counts; its commands stay.</summary>
    ValueTask DeleteAsync(string runId, CancellationToken cancellation);
}
