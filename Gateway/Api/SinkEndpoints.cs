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
        sinks.MapPost("/{name}/dead-letters/replay", Replay).For(Role.Operator).ProducesProblem(404).ProducesProblem(409)
            .WithName("ReplaySinkDeadLetters").WithSummary("Offers what a sink's other side has refused to it again, each message once.");
    }

    private static Ok<IReadOnlyList<SinkDocument>> List(SinkDispatcher sinks) => TypedResults.Ok<IReadOnlyList<SinkDocument>>([.. sinks.Status.Select(SinkDocument.Of)]);

    private static Results<Accepted<SinkDocument>, ProblemHttpResult> Replay(string name, SinkDispatcher sinks) =>
        sinks.TryReplayDeadLetters(name) switch
        {
            null => Problems.NotFound($"there is no sink {name} at work; GET {Path} lists those that are"),
            false => Problems.Conflict($"the dead letters of {name} are being offered to it already; GET {Path} tells when that is over"),
            true => TypedResults.Accepted(Path, SinkDocument.Of(sinks.Status.First(sink => sink.Name == name))),
        };
}

/// <summary>How a sink is.</summary>
internal sealed record SinkDocument
{
    public required string Name { get; init; }

    public required string Type { get; init; }

    [Description("running: the last batch was taken, or there was none yet. failing: it is tried again.")]
    public required string State { get; init; }

    [Description("What is wrong.")]
    public string? Problem { get; init; }

    public DateTimeOffset? FailingSince { get; init; }

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
        State = status.LastError is null ? "running" : "failing",
        Problem = status.LastError,
        FailingSince = status.FailingSince,
        Cursor = status.Cursor,
        Lag = status.Lag,
        Delivered = status.Delivered,
        Refused = status.Refused,
        DeadLetters = status.DeadLetters,
        Replaying = status.IsReplaying,
    };
}
