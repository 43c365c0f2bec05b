using System.ComponentModel;
using Gateway.Access;
using Gateway.Commands;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Api;

/// <summary><c>/api/v1/command-runs</c></summary>
internal static class CommandRunEndpoints
{
    private const int MaxPage = 1000;

    public static void MapCommandRuns(this IEndpointRouteBuilder api)
    {
        var runs = api.MapGroup("/command-runs").WithTags("Command runs");
        runs.MapPost("", BeginAsync).For(Role.Operator).Accepts<RunRequest>("application/json")
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(415).ProducesProblem(422).ProducesProblem(503)
            .WithName("BeginCommandRun")
            .WithSummary("Queues a command for all devices of a profile or label, so many a second, and halts when too many of them fail.");
        runs.MapGet("", List).For(Role.Viewer).ProducesProblem(400)
            .WithName("ListCommandRuns").WithSummary("The runs, the newest first.");
        runs.MapGet("/{run_id}", Find).For(Role.Viewer).ProducesProblem(404)
            .WithName("GetCommandRun").WithSummary("How far a run is, and what became of its commands.");
        runs.MapPost("/{run_id}/pause", PauseAsync).For(Role.Operator).ProducesProblem(404).ProducesProblem(409)
            .WithName("PauseCommandRun").WithSummary("Stops a run for a while: nothing more is queued, and what waits is kept back.");
        runs.MapPost("/{run_id}/resume", ResumeAsync).For(Role.Operator).ProducesProblem(404).ProducesProblem(409)
            .WithName("ResumeCommandRun").WithSummary("Lets a run that is paused or halted go on. What has failed until then no longer counts.");
        runs.MapDelete("/{run_id}", CancelAsync).For(Role.Operator).ProducesProblem(404).ProducesProblem(409)
            .WithName("CancelCommandRun").WithSummary("Calls a run off: its commands that wait are cancelled, and those that were sent come to their end.");
    }

    private static async Task<Results<Created<CommandRunStatus>, Ok<CommandRunStatus>, ProblemHttpResult>> BeginAsync(
        HttpRequest http, CommandRuns runs, RunTallies tallies, CancellationToken cancellation)
    {
        if (!http.HasJsonContentType())
        {
            return TypedResults.Problem("a run is JSON: say so with Content-Type: application/json", statusCode: StatusCodes.Status415UnsupportedMediaType);
        }

        using var body = new MemoryStream();
        await http.Body.CopyToAsync(body, cancellation);
        var result = await runs.SubmitAsync(body.GetBuffer().AsMemory(0, (int)body.Length), cancellation);
        return result switch
        {
            { Outcome: SubmitOutcome.Queued, Run: { } begun } => TypedResults.Created($"/api/v1/command-runs/{begun.Id}", CommandRunStatus.Of(begun, tallies)),
            { Outcome: SubmitOutcome.Repeated, Run: { } before } => TypedResults.Ok(CommandRunStatus.Of(before, tallies)),
            _ => TypedResults.Problem(SubmitProblem.Of(new SubmitResult(result.Outcome, null, result.Problems))),
        };
    }

    private static Results<Ok<IReadOnlyList<CommandRunStatus>>, ProblemHttpResult> List(
        CommandRuns runs, RunTallies tallies, [Description("How many at most, 1 to 1000.")] int limit = 100) => limit is < 1 or > MaxPage
        ? Problems.BadRequest($"limit must be 1 to {MaxPage}, not {limit}")
        : TypedResults.Ok<IReadOnlyList<CommandRunStatus>>([.. runs.All.Take(limit).Select(run => CommandRunStatus.Of(run, tallies))]);

    private static Results<Ok<CommandRunStatus>, ProblemHttpResult> Find(string run_id, CommandRuns runs, RunTallies tallies) =>
        runs.Find(run_id) is { } run ? TypedResults.Ok(CommandRunStatus.Of(run, tallies)) : Unknown(run_id);

    private static async Task<Results<Ok<CommandRunStatus>, ProblemHttpResult>> PauseAsync(
        string run_id, CommandRuns runs, RunTallies tallies, CancellationToken cancellation) =>
        Told(run_id, await runs.PauseAsync(run_id, cancellation), RunState.Paused, "paused", tallies);

    private static async Task<Results<Ok<CommandRunStatus>, ProblemHttpResult>> ResumeAsync(
        string run_id, CommandRuns runs, RunTallies tallies, CancellationToken cancellation) =>
        Told(run_id, await runs.ResumeAsync(run_id, cancellation), RunState.Running, "resumed", tallies);

    private static async Task<Results<Ok<CommandRunStatus>, ProblemHttpResult>> CancelAsync(
        string run_id, CommandRuns runs, RunTallies tallies, CancellationToken cancellation) =>
        Told(run_id, await runs.CancelAsync(run_id, cancellation), RunState.Cancelling, "called off", tallies);

    private static Results<Ok<CommandRunStatus>, ProblemHttpResult> Told(string runId, CommandRun? run, RunState wanted, string what, RunTallies tallies) =>
        run is null ? Unknown(runId)
        : run.State == wanted ? TypedResults.Ok(CommandRunStatus.Of(run, tallies))
        : Problems.Conflict($"run {runId} cannot be {what}: it is {run.State.ToString().ToLowerInvariant()}");

    private static ProblemHttpResult Unknown(string runId) => Problems.NotFound($"run {runId} is not known");
}
