using System.ComponentModel;
using Gateway.Commands;
using Gateway.Devices;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Api;

/// <summary><c>/api/v1/commands</c></summary>
internal static class CommandEndpoints
{
    private const int MaxBatch = 1000;
    private const int MaxListed = 1000;

    public static void MapCommands(this IEndpointRouteBuilder api)
    {
        var commands = api.MapGroup("/commands").WithTags("Commands");
        commands.MapPost("", SubmitAsync).ProducesProblem(400).ProducesProblem(409).ProducesProblem(422)
            .WithName("SubmitCommand")
            .WithSummary("Queues a command. It is tried dry by the device's script first, and goes out with the answer to the device's next confirmable message.");
        commands.MapPost("/batch", SubmitBatchAsync).ProducesProblem(400)
            .WithName("SubmitCommands")
            .WithSummary("Queues up to 1000 commands, each for itself: the result has one entry for each, in the same order.");
        commands.MapGet("/{request_id}", FindAsync).ProducesProblem(404)
            .WithName("GetCommand").WithSummary("What is known of a command.");
        commands.MapDelete("/{request_id}", CancelAsync).ProducesProblem(404).ProducesProblem(409)
            .WithName("CancelCommand").WithSummary("Takes a command back that has not been sent.");
    }

    public static async Task<Results<Ok<IReadOnlyList<CommandStatus>>, ProblemHttpResult>> ListOfDeviceAsync(
        string device_id, DeviceDirectory directory, CommandConsumer consumer, CancellationToken cancellation, [Description("How many at most, 1 to 1000.")] int limit = 100)
    {
        if (limit is < 1 or > MaxListed)
        {
            return Problems.BadRequest($"limit must be 1 to {MaxListed}, not {limit}");
        }

        if (!DeviceId.TryParse(device_id, out var id) || await directory.FindAsync(id, cancellation) is null)
        {
            return Problems.NotFound($"device {device_id} is not known");
        }

        var commands = await consumer.ListAsync(id, limit, cancellation);
        return TypedResults.Ok<IReadOnlyList<CommandStatus>>([.. commands.Select(CommandStatus.Of)]);
    }

    private static async Task<Results<Created<CommandStatus>, Ok<CommandStatus>, ProblemHttpResult>> SubmitAsync(
        CommandDocument body, CommandConsumer consumer, CancellationToken cancellation)
    {
        var result = await consumer.SubmitAsync(body, cancellation);
        return result switch
        {
            { Outcome: SubmitOutcome.Queued, Command: { } queued } => TypedResults.Created($"/api/v1/commands/{Uri.EscapeDataString(queued.RequestId)}", CommandStatus.Of(queued)),
            { Outcome: SubmitOutcome.Repeated, Command: { } before } => TypedResults.Ok(CommandStatus.Of(before)),
            _ => Refusal(result),
        };
    }

    private static async Task<Results<Ok<CommandBatchResult>, ProblemHttpResult>> SubmitBatchAsync(
        IReadOnlyList<CommandDocument?> body, CommandConsumer consumer, CancellationToken cancellation)
    {
        if (body.Count is 0 or > MaxBatch)
        {
            return Problems.BadRequest($"a batch is 1 to {MaxBatch} commands, not {body.Count}");
        }

        var results = new List<CommandBatchEntry>(body.Count);
        foreach (var document in body)
        {
            var result = await consumer.SubmitAsync(document ?? new CommandDocument(), cancellation);
            results.Add(new CommandBatchEntry(
                StatusOf(result.Outcome),
                result.Command is { } command ? CommandStatus.Of(command) : null,
                [.. result.Problems.Select(FieldProblem.Of)]));
        }

        return TypedResults.Ok(new CommandBatchResult(results.Count(entry => entry.Command is not null), results));
    }

    private static async Task<Results<Ok<CommandStatus>, ProblemHttpResult>> FindAsync(string request_id, CommandConsumer consumer, CancellationToken cancellation) =>
        await consumer.FindAsync(request_id, cancellation) is { } command ? TypedResults.Ok(CommandStatus.Of(command)) : Unknown(request_id);

    private static async Task<Results<Ok<CommandStatus>, ProblemHttpResult>> CancelAsync(string request_id, CommandConsumer consumer, CancellationToken cancellation) =>
        await consumer.CancelAsync(request_id, cancellation) switch
        {
            null => Unknown(request_id),
            { State: CommandState.Cancelled } cancelled => TypedResults.Ok(CommandStatus.Of(cancelled)),
            var other => Problems.Conflict($"command {request_id} cannot be taken back: it is {other.State.Name()}"),
        };

    private static ProblemHttpResult Refusal(SubmitResult result) => result.Outcome switch
    {
        SubmitOutcome.Conflict or SubmitOutcome.QueueFull => TypedResults.Problem(
            result.Problems[0].Message, statusCode: StatusOf(result.Outcome), extensions: [new("errors", result.Problems.Select(FieldProblem.Of))]),
        _ => Problems.Unprocessable([.. result.Problems.Select(FieldProblem.Of)]),
    };

    private static int StatusOf(SubmitOutcome outcome) => outcome switch
    {
        SubmitOutcome.Queued => StatusCodes.Status201Created,
        SubmitOutcome.Repeated => StatusCodes.Status200OK,
        SubmitOutcome.Conflict or SubmitOutcome.QueueFull => StatusCodes.Status409Conflict,
        _ => StatusCodes.Status422UnprocessableEntity,
    };

    private static ProblemHttpResult Unknown(string requestId) => Problems.NotFound($"command {requestId} is not known");
}
