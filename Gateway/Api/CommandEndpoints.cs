using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using Gateway.Access;
using Gateway.Commands;
using Gateway.Devices;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace Gateway.Api;

/// <summary><c>/api/v1/commands</c></summary>
internal static class CommandEndpoints
{
    private const string LinesType = "application/x-ndjson";
    private const int MaxPage = 1000;

    public static void MapCommands(this IEndpointRouteBuilder api)
    {
        var commands = api.MapGroup("/commands").WithTags("Commands");
        commands.MapPost("", SubmitAsync).For(Role.Operator).Accepts<CommandRequest>("application/json")
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(415).ProducesProblem(422).ProducesProblem(503)
            .WithName("SubmitCommand")
            .WithSummary("Queues a command. It is tried dry by the device's script first, and goes out with the answer to the device's next confirmable message.");
        commands.MapPost("/batch", SubmitBatchAsync).For(Role.Operator).Accepts<IReadOnlyList<CommandRequest>>("application/json", LinesType)
            .WithMetadata(new RequestSizeLimitAttribute(CommandBatches.MostBytes))
            .ProducesProblem(400).ProducesProblem(413).ProducesProblem(415)
            .WithName("SubmitCommands")
            .WithSummary("Queues up to 10000 commands, each for itself: the result has one entry for each, in the same order.");
        commands.MapGet("", ListAsync).For(Role.Viewer).ProducesProblem(400)
            .WithName("ListCommands").WithSummary("Commands, the newest first, a page at a time.");
        commands.MapGet("/{request_id}", FindAsync).For(Role.Viewer).ProducesProblem(404)
            .WithName("GetCommand").WithSummary("What is known of a command, with its history.");
        commands.MapDelete("/{request_id}", CancelAsync).For(Role.Operator).RecordsBefore(BeforeChanges.CommandAsync).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503)
            .WithName("CancelCommand").WithSummary("Takes a command back that waits.");
    }

    public static async Task<Results<Ok<IReadOnlyList<CommandStatus>>, ProblemHttpResult>> ListOfDeviceAsync(
        string device_id, DeviceDirectory directory, CommandConsumer consumer, CancellationToken cancellation, [Description("How many at most, 1 to 1000.")] int limit = 100)
    {
        if (limit is < 1 or > MaxPage)
        {
            return Problems.BadRequest($"limit must be 1 to {MaxPage}, not {limit}");
        }

        if (!DeviceId.TryParse(device_id, out var id) || await directory.FindAsync(id, cancellation) is null)
        {
            return Problems.NotFound($"device {device_id} is not known");
        }

        var page = await consumer.ListAsync(new CommandQuery(id, null, long.MaxValue, limit), cancellation);
        return TypedResults.Ok<IReadOnlyList<CommandStatus>>([.. page.Commands.Select(CommandStatus.Of)]);
    }

    private static async Task<Results<Ok<CommandStatusPage>, ProblemHttpResult>> ListAsync(
        CommandConsumer consumer,
        CancellationToken cancellation,
        [Description("Only those of this device.")] string? device_id = null,
        [Description("Only those in this state.")] string? state = null,
        [Description("Only those of this run.")] string? run_id = null,
        [Description("What the page before gave as next.")] string? after = null,
        [Description("How many at most, 1 to 1000. There may be fewer although more follow.")] int limit = 100)
    {
        if (limit is < 1 or > MaxPage)
        {
            return Problems.BadRequest($"limit must be 1 to {MaxPage}, not {limit}");
        }

        var device = DeviceId.None;
        if (device_id is not null && !DeviceId.TryParse(device_id, out device))
        {
            return Problems.BadRequest($"device_id: {DeviceId.Problem(device_id)}");
        }

        if (!TryParse(state, out var wanted))
        {
            return Problems.BadRequest($"there is no state \"{state}\": {string.Join(", ", Enum.GetValues<CommandState>().Select(known => known.Name()))} are");
        }

        var before = long.MaxValue;
        if (after is not null && !long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out before))
        {
            return Problems.BadRequest("after is what the page before gave as next");
        }

        var page = await consumer.ListAsync(new CommandQuery(device, wanted, before, limit, run_id), cancellation);
        return TypedResults.Ok(new CommandStatusPage([.. page.Commands.Select(CommandStatus.Of)], page.Next?.ToString(CultureInfo.InvariantCulture)));
    }

    // The body goes in as it is: whichever way a command comes, the same reader judges it.
    private static async Task<Results<Created<CommandStatus>, Ok<CommandStatus>, ProblemHttpResult>> SubmitAsync(
        HttpRequest http, CommandConsumer consumer, CancellationToken cancellation)
    {
        if (!http.HasJsonContentType())
        {
            return TypedResults.Problem("a command is JSON: say so with Content-Type: application/json", statusCode: StatusCodes.Status415UnsupportedMediaType);
        }

        using var body = new MemoryStream();
        await http.Body.CopyToAsync(body, cancellation);
        var result = await consumer.SubmitAsync(body.GetBuffer().AsMemory(0, (int)body.Length), cancellation);
        return result switch
        {
            { Outcome: SubmitOutcome.Queued, Command: { } queued } => TypedResults.Created($"/api/v1/commands/{Uri.EscapeDataString(queued.RequestId)}", CommandStatus.Of(queued)),
            { Outcome: SubmitOutcome.Repeated, Command: { } before } => TypedResults.Ok(CommandStatus.Of(before)),
            _ => TypedResults.Problem(SubmitProblem.Of(result)),
        };
    }

    // Each command is cut out of the body as it is, so that one that is wrong is one entry of the result and no more.
    private static async Task<Results<Ok<CommandBatchResult>, ProblemHttpResult>> SubmitBatchAsync(
        HttpRequest http, CommandBatches batches, CancellationToken cancellation)
    {
        var isLines = MediaTypeHeaderValue.TryParse(http.ContentType, out var type) && type.MediaType.Equals(LinesType, StringComparison.OrdinalIgnoreCase);
        if (!isLines && !http.HasJsonContentType())
        {
            return TypedResults.Problem(
                $"a batch is a JSON array (Content-Type: application/json), or a command in each line ({LinesType})", statusCode: StatusCodes.Status415UnsupportedMediaType);
        }

        using var body = new MemoryStream();
        await http.Body.CopyToAsync(body, cancellation);
        var bytes = body.GetBuffer().AsMemory(0, (int)body.Length);
        IReadOnlyList<ReadOnlyMemory<byte>> commands;
        try
        {
            commands = isLines ? CommandBatches.OfLines(bytes) : CommandBatches.OfArray(bytes);
        }
        catch (JsonException e)
        {
            return Problems.BadRequest($"{JsonProblem.Explain(e)}; none of the commands was queued");
        }

        return commands.Count is 0 or > CommandBatches.MostCommands
            ? Problems.BadRequest($"a batch is 1 to {CommandBatches.MostCommands} commands, not {commands.Count}; none was queued")
            : TypedResults.Ok(CommandBatchResult.Of(await batches.SubmitAsync(commands, cancellation)));
    }

    private static async Task<Results<Ok<CommandStatus>, ProblemHttpResult>> FindAsync(
        string request_id, CommandConsumer consumer, CommandOutlooks outlooks, CancellationToken cancellation) =>
        await consumer.FindAsync(request_id, cancellation) is { } command
            ? TypedResults.Ok(CommandStatus.Of(command) with { Outlook = await outlooks.OfAsync(command, cancellation) })
            : Unknown(request_id);

    private static async Task<Results<Ok<CommandStatus>, ProblemHttpResult>> CancelAsync(string request_id, CommandConsumer consumer, CancellationToken cancellation) =>
        await consumer.CancelAsync(request_id, cancellation) switch
        {
            null => Unknown(request_id),
            { State: CommandState.Cancelled } cancelled => TypedResults.Ok(CommandStatus.Of(cancelled)),
            var other => Problems.Conflict($"command {request_id} cannot be taken back: it is {other.State.Name()}"),
        };

    private static bool TryParse(string? text, out CommandState? state)
    {
        state = text is null ? null : Enum.GetValues<CommandState>().Where(known => known.Name() == text).Select(known => (CommandState?)known).FirstOrDefault();
        return text is null || state is not null;
    }

    private static ProblemHttpResult Unknown(string requestId) => Problems.NotFound($"command {requestId} is not known");
}
