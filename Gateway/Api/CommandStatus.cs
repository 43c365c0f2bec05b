using System.ComponentModel;
using System.Text.Json;
using Gateway.Commands;

namespace Gateway.Api;

/// <summary>A command and what is known of its way.</summary>
internal sealed record CommandStatus
{
    public required string RequestId { get; init; }

    public required string DeviceId { get; init; }

    public required string CommandType { get; init; }

    [Description("queued: it waits for the device's next confirmable message. sent: it was put into an answer. delivered: the device has spoken again since. cancelled, expired, failed: it was never sent.")]
    public required CommandState State { get; init; }

    [Description("Why it ended as it did.")]
    public string? Reason { get; init; }

    [Description("How many answers have carried it.")]
    public required int Attempts { get; init; }

    public required JsonElement Payload { get; init; }

    public string? ParserScriptRef { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public required int Priority { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public DateTimeOffset? SentAt { get; init; }

    public static CommandStatus Of(QueuedCommand command) => new()
    {
        RequestId = command.RequestId,
        DeviceId = command.Device.ToString(),
        CommandType = command.Command.CommandType,
        State = command.State,
        Reason = command.Reason,
        Attempts = command.Attempts,
        Payload = command.Command.Payload,
        ParserScriptRef = command.Command.ParserScriptRef,
        Metadata = command.Command.Metadata,
        Priority = command.Command.Priority,
        ExpiresAt = command.Command.ExpiresAt,
        CreatedAt = command.CreatedAt,
        UpdatedAt = command.UpdatedAt,
        SentAt = command.SentAt,
    };
}

/// <summary>What became of a batch.</summary>
/// <param name="Accepted">How many of the commands were queued, or had been before.</param>
/// <param name="Results">One entry for each command, in the order of the request.</param>
internal sealed record CommandBatchResult(int Accepted, IReadOnlyList<CommandBatchEntry> Results);

/// <summary>What became of one command of a batch.</summary>
/// <param name="Status">The status code that it would have got alone.</param>
/// <param name="Command">The command, when it was taken.</param>
/// <param name="Errors">What is wrong with it, when it was not.</param>
internal sealed record CommandBatchEntry(int Status, CommandStatus? Command, IReadOnlyList<FieldProblem> Errors);
