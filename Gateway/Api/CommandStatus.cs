using System.ComponentModel;
using System.Text.Json;
using Gateway.Commands;
using Gateway.Devices;

namespace Gateway.Api;

/// <summary>A command and what is known of its way.</summary>
internal sealed record CommandStatus
{
    public required string RequestId { get; init; }

    public required string DeviceId { get; init; }

    public required string CommandType { get; init; }

    [Description("queued: it waits for the device's next confirmable message. sent: an answer carried it, and there is no evidence yet. delivered: the device has it, as far as confirm asks. applied, rejected: its script says so. expired, cancelled, superseded, failed: see reason.")]
    public required CommandState State { get; init; }

    [Description("Why it is where it is.")]
    public string? Reason { get; init; }

    [Description("How many answers have carried it.")]
    public required int Attempts { get; init; }

    public required int MaxAttempts { get; init; }

    [Description("What counts as evidence that the device has it.")]
    public required CommandConfirm Confirm { get; init; }

    public required JsonElement Payload { get; init; }

    public string? ParserScriptRef { get; init; }

    [Description("The run that it belongs to.")]
    public string? RunId { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public required int Priority { get; init; }

    public string? DedupKey { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    [Description("When it was sent last.")]
    public DateTimeOffset? SentAt { get; init; }

    [Description("What is to be expected of it, while it is under way; only where one command is asked for.")]
    public CommandOutlook? Outlook { get; init; }

    [Description("Its steps, the first first.")]
    public required IReadOnlyList<CommandStatusStep> History { get; init; }

    public static CommandStatus Of(QueuedCommand queued)
    {
        var command = queued.ToCommand();
        return new CommandStatus
        {
            RequestId = queued.RequestId,
            DeviceId = queued.Device.ToString(),
            CommandType = queued.CommandType,
            State = queued.State,
            Reason = queued.Reason,
            Attempts = queued.Attempts,
            MaxAttempts = queued.MaxAttempts,
            Confirm = queued.Confirm,
            Payload = command.Payload,
            ParserScriptRef = command.ParserScriptRef,
            RunId = queued.RunId,
            Metadata = command.Metadata,
            Priority = queued.Priority,
            DedupKey = queued.DedupKey,
            NotBefore = queued.NotBefore,
            ExpiresAt = queued.ExpiresAt,
            CreatedAt = queued.CreatedAt,
            UpdatedAt = queued.UpdatedAt,
            SentAt = queued.SentAt,
            History = [.. queued.History.Select(CommandStatusStep.Of)],
        };
    }
}

/// <summary>A step that a command has taken.</summary>
/// <param name="State">Where it came.</param>
/// <param name="At">When.</param>
/// <param name="Attempt">How many answers had carried it by then.</param>
/// <param name="Reason">Why, where there is something to say.</param>
internal sealed record CommandStatusStep(CommandState State, DateTimeOffset At, int Attempt, string? Reason)
{
    public static CommandStatusStep Of(CommandEvent step) => new(step.State, step.At, step.Attempt, step.Reason);
}

/// <summary>A page of commands.</summary>
/// <param name="Items">The commands of this page, the newest first.</param>
/// <param name="Next">What to give as <c>after</c> for the next page; null when this is the last one.</param>
internal sealed record CommandStatusPage(IReadOnlyList<CommandStatus> Items, string? Next);

/// <summary>What became of a batch.</summary>
/// <param name="Accepted">How many of the commands were queued, or had been before.</param>
/// <param name="Refused">How many were not.</param>
/// <param name="Results">One entry for each command, in the order of the request.</param>
internal sealed record CommandBatchResult(int Accepted, int Refused, IReadOnlyList<CommandBatchEntry> Results)
{
    public static CommandBatchResult Of(IReadOnlyList<SubmitResult> results)
    {
        var accepted = results.Count(result => result.IsTaken);
        return new CommandBatchResult(accepted, results.Count - accepted, [.. results.Select(CommandBatchEntry.Of)]);
    }
}

/// <summary>What became of one command of a batch.</summary>
/// <param name="Status">The status code that it would have got alone.</param>
/// <param name="RequestId">The command's id, when it was taken.</param>
/// <param name="State">Where it stands, when it was taken.</param>
/// <param name="Detail">What is wrong with it, when it was not: the words that it would have got alone.</param>
/// <param name="Errors">The same by member, where a member is meant.</param>
internal sealed record CommandBatchEntry(int Status, string? RequestId, CommandState? State, string? Detail, IReadOnlyList<FieldProblem>? Errors)
{
    public static CommandBatchEntry Of(SubmitResult result)
    {
        var status = SubmitProblem.StatusOf(result.Outcome);
        return result is { IsTaken: true, Command: { } command }
            ? new CommandBatchEntry(status, command.RequestId, command.State, null, null)
            : new CommandBatchEntry(status, null, null, SubmitProblem.DetailOf(result), SubmitProblem.ErrorsOf(result));
    }
}
