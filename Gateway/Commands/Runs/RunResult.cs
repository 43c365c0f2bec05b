namespace Gateway.Commands;

/// <summary>What became of a run that was handed in: the outcomes are those of commands.</summary>
internal sealed record RunResult(SubmitOutcome Outcome, CommandRun? Run, IReadOnlyList<CommandProblem> Problems)
{
    public static RunResult Refused(SubmitOutcome outcome, string path, string message) => new(outcome, null, [new(path, message)]);
}
