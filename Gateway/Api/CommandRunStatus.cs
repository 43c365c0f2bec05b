using System.ComponentModel;
using Gateway.Commands;

namespace Gateway.Api;

/// <summary>A run, and how far it is.</summary>
internal sealed record CommandRunStatus
{
    public required string RunId { get; init; }

    [Description("running: it queues commands, or waits until all have ended. paused, halted (too many have failed): nothing more is queued, and what waits is kept back. cancelling: what was sent comes to its end. completed, cancelled: all has ended.")]
    public required RunState State { get; init; }

    [Description("Why it is where it is, or what it waits for.")]
    public string? Reason { get; init; }

    public string? Profile { get; init; }

    public string? Label { get; init; }

    public required CommandRequest Command { get; init; }

    public required double CommandsPerSecond { get; init; }

    public required double MaxFailureRatio { get; init; }

    public required int MinJudged { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    [Description("How many devices it is for: active ones that were there when it began. Missing until they have been counted.")]
    public int? Total { get; init; }

    [Description("How many of them have not been addressed yet.")]
    public int? Remaining { get; init; }

    [Description("For how many the command could not be queued; refusals has the first.")]
    public required int Refused { get; init; }

    public required int Queued { get; init; }

    public required int Sent { get; init; }

    public required int Delivered { get; init; }

    public required int Applied { get; init; }

    public required int Rejected { get; init; }

    public required int Failed { get; init; }

    public required int Expired { get; init; }

    public required int Cancelled { get; init; }

    public required int Superseded { get; init; }

    [Description("The first devices that the command could not be queued for, with the reason.")]
    public required IReadOnlyList<RunRefusal> Refusals { get; init; }

    public static CommandRunStatus Of(CommandRun run, RunTallies tallies)
    {
        var counts = tallies.Of(run.Id);
        return new CommandRunStatus
        {
            RunId = run.Id,
            State = run.State,
            Reason = run.Reason,
            Profile = run.Request.Profile,
            Label = run.Request.Label,
            Command = run.Request.Command!,
            CommandsPerSecond = run.CommandsPerSecond,
            MaxFailureRatio = run.MaxFailureRatio,
            MinJudged = run.MinJudged,
            CreatedAt = run.CreatedAt,
            UpdatedAt = run.UpdatedAt,
            EndedAt = run.EndedAt,
            Total = run.Total,
            Remaining = run.Total is { } total ? Math.Max(0, total - run.Taken - run.Refused) : null,
            Refused = run.Refused,
            Queued = counts[CommandState.Queued],
            Sent = counts[CommandState.Sent],
            Delivered = counts[CommandState.Delivered],
            Applied = counts[CommandState.Applied],
            Rejected = counts[CommandState.Rejected],
            Failed = counts[CommandState.Failed],
            Expired = counts[CommandState.Expired],
            Cancelled = counts[CommandState.Cancelled],
            Superseded = counts[CommandState.Superseded],
            Refusals = run.Refusals,
        };
    }
}
