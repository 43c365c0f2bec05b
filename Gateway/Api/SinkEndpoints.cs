using System.ComponentModel;
using Gateway.Access;
using Gateway.Sinks;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Api;

/// <summary><c>/api/v1/sinks</c></summary>
internal static class SinkEndpoints
{
    private const string Path = "/api/v1/sinks";

    public static void MapSinks(this IEndpointRouteBuilder api)
    {
        var sinks = api.MapGroup("/sinks").WithTags("Sinks");
        sinks.MapGet("", List).For(Role.Viewer)
            .WithName("ListSinks").WithSummary("How the sinks are that are at work.");
        sinks.MapGet("/{name}", Find).For(Role.Viewer).ProducesProblem(404)
            .WithName("GetSink").WithSummary("How one sink is.");
        sinks.MapPost("/{name}/pause", Pause).For(Role.Operator).ProducesProblem(404).ProducesProblem(503)
            .WithName("PauseSink").WithSummary("Delivers nothing more to a sink, over restarts too, until it is resumed. The journal keeps what it has not had, within its limits.");
        sinks.MapPost("/{name}/resume", Resume).For(Role.Operator).ProducesProblem(404).ProducesProblem(503)
            .WithName("ResumeSink").WithSummary("Lets a sink go on where it was.");
        sinks.MapPost("/{name}/dead-letters/replay", Replay).For(Role.Operator).ProducesProblem(404).ProducesProblem(409)
            .WithName("ReplaySinkDeadLetters").WithSummary("Offers what a sink's other side has refused to it again, each message once.");
    }

    private static Ok<IReadOnlyList<SinkDocument>> List(SinkDispatcher sinks) => TypedResults.Ok<IReadOnlyList<SinkDocument>>([.. sinks.Status.Select(SinkDocument.Of)]);

    private static Results<Ok<SinkDocument>, ProblemHttpResult> Find(string name, SinkDispatcher sinks) =>
        sinks.Status.FirstOrDefault(sink => sink.Name == name) is { } status ? TypedResults.Ok(SinkDocument.Of(status)) : Unknown(name);

    private static Results<Ok<SinkDocument>, ProblemHttpResult> Pause(string name, SinkDispatcher sinks) => SetPaused(name, sinks, true);

    private static Results<Ok<SinkDocument>, ProblemHttpResult> Resume(string name, SinkDispatcher sinks) => SetPaused(name, sinks, false);

    private static Results<Ok<SinkDocument>, ProblemHttpResult> SetPaused(string name, SinkDispatcher sinks, bool paused)
    {
        try
        {
            return sinks.SetPaused(name, paused) is { } status ? TypedResults.Ok(SinkDocument.Of(status)) : Unknown(name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return TypedResults.Problem($"that cannot be remembered, so nothing has changed: {e.Message}", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static ProblemHttpResult Unknown(string name) => Problems.NotFound($"there is no sink {name} at work; GET {Path} lists those that are");

    private static Results<Accepted<SinkDocument>, ProblemHttpResult> Replay(string name, SinkDispatcher sinks) =>
        sinks.TryReplayDeadLetters(name) switch
        {
            null => Unknown(name),
            false => Problems.Conflict($"the dead letters of {name} are being offered to it already; GET {Path} tells when that is over"),
            true => TypedResults.Accepted(Path, SinkDocument.Of(sinks.Status.First(sink => sink.Name == name))),
        };
}

/// <summary>How a sink is.</summary>
internal sealed record SinkDocument
{
    public required string Name { get; init; }

    public required string Type { get; init; }

    [Description("running: the last batch was taken, or there was none yet. failing: it is tried again. paused: nothing is delivered.")]
    public required string State { get; init; }

    [Description("What is wrong.")]
    public string? Problem { get; init; }

    public DateTimeOffset? FailingSince { get; init; }

    public DateTimeOffset? PausedSince { get; init; }

    [Description("The last record of the journal that it has done with.")]
    public required long Cursor { get; init; }

    [Description("How many records it is behind.")]
    public required long Lag { get; init; }

    [Description("How many readings it has taken since the start.")]
    public required long Delivered { get; init; }

    [Description("How many messages were refused for good since the start.")]
    public required long Refused { get; init; }

    [Description("How many refused messages are kept.")]
    public required long DeadLetters { get; init; }

    [Description("Whether these are being offered to it again.")]
    public required bool Replaying { get; init; }

    public static SinkDocument Of(SinkStatus status) => new()
    {
        Name = status.Name,
        Type = status.Type,
        State = status.PausedSince is not null ? "paused" : status.LastError is null ? "running" : "failing",
        Problem = status.LastError,
        FailingSince = status.FailingSince,
        PausedSince = status.PausedSince,
        Cursor = status.Cursor,
        Lag = status.Lag,
        Delivered = status.Delivered,
        Refused = status.Refused,
        DeadLetters = status.DeadLetters,
        Replaying = status.IsReplaying,
    };
}
