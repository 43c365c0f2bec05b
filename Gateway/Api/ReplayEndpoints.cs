using Gateway.Access;
using Gateway.Uplink;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Api;

/// <summary><c>/api/v1/replays</c></summary>
internal static class ReplayEndpoints
{
    public static void MapReplays(this IEndpointRouteBuilder api)
    {
        var replays = api.MapGroup("/replays").WithTags("Dead letters and replays");
        replays.MapGet("", List).For(Role.Viewer)
            .WithName("ListReplays").WithSummary("The last replays since the start of the gateway, the latest first.");
        replays.MapGet("/{id}", Find).For(Role.Viewer).ProducesProblem(404)
            .WithName("GetReplay").WithSummary("How far a replay is, and what became of its frames.");
        replays.MapDelete("/{id}", Cancel).For(Role.Operator, Role.Integrator).ProducesProblem(404).ProducesProblem(409)
            .WithName("CancelReplay").WithSummary("Ends a replay that is under way. What it has read stays read.");
    }

    public static string PathOf(ReplayRun run) => $"/api/v1/replays/{run.Id}";

    private static Ok<IReadOnlyList<ReplayStatus>> List(Replays replays) => TypedResults.Ok<IReadOnlyList<ReplayStatus>>([.. replays.All.Select(ReplayStatus.Of)]);

    private static Results<Ok<ReplayStatus>, ProblemHttpResult> Find(string id, Replays replays) =>
        replays.Find(id) is { } run ? TypedResults.Ok(ReplayStatus.Of(run)) : Unknown(id);

    private static Results<Accepted<ReplayStatus>, ProblemHttpResult> Cancel(string id, Replays replays)
    {
        if (replays.Find(id) is not { } run)
        {
            return Unknown(id);
        }

        if (run.Progress is { HasEnded: true } ended)
        {
            return Problems.Conflict($"replay {id} has ended: {ended.State.ToString().ToLowerInvariant()}");
        }

        run.Cancel();
        return TypedResults.Accepted(PathOf(run), ReplayStatus.Of(run));
    }

    private static ProblemHttpResult Unknown(string id) => Problems.NotFound($"replay {id} is not known; the last {Replays.MostRemembered} since the start of the gateway are");
}
