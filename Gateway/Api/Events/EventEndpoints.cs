using System.ComponentModel;
using System.Globalization;
using Gateway.Access;
using Gateway.Commands;
using Gateway.Devices;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Gateway.Api;

/// <summary><c>/api/v1/events</c>, and what happened lately with one device.</summary>
internal static class EventEndpoints
{
    private const int MaxExchanges = 1000;

    public static void MapEvents(this IEndpointRouteBuilder api)
    {
        api.MapGet("/events", Listen).For(Role.Viewer).WithoutLimits().WithTags("Events")
            .Produces<string>(200, "text/event-stream").ProducesProblem(400).ProducesProblem(503)
            .WithName("ListenToEvents")
            .WithSummary("What happens from now on, as server-sent events: exchange, reading, command and script. Readings and commands go on behind Last-Event-ID.");
        api.MapGet("/devices/{device_id}/exchanges", ListAsync).For(Role.Viewer).WithTags("Devices").ProducesProblem(400).ProducesProblem(404)
            .WithName("ListExchangesOfDevice").WithSummary("A device's last messages and their answers, the newest first, as far as they are remembered since the start.");
    }

    private static Results<ServerSentEventsResult<string>, ProblemHttpResult> Listen(
        EventStreams streams,
        CancellationToken cancellation,
        [Description("Only events of this device; scripts are of none.")] string? device = null,
        [Description("Only these, with commas: exchange, reading, command, script.")] string? kind = null,
        [FromHeader(Name = "Last-Event-ID")] string? lastEventId = null)
    {
        var problems = new List<ParameterProblem>();
        var (kinds, only, after) = (EventKinds.All, DeviceId.None, (long?)null);
        if (kind is not null && !EventKindNames.TryParse(kind, out kinds))
        {
            problems.Add(ParameterProblem.Of("kind", $"\"{kind}\" is not one or more, with commas, of {EventKindNames.Known}"));
        }

        if (device is not null && !DeviceId.TryParse(device, out only))
        {
            problems.Add(ParameterProblem.Of("device", DeviceId.Problem(device)));
        }

        if (lastEventId is { Length: > 0 })
        {
            if (long.TryParse(lastEventId, NumberStyles.None, CultureInfo.InvariantCulture, out var last))
            {
                after = last;
            }
            else
            {
                problems.Add(ParameterProblem.Of("Last-Event-ID", "is the id of the last event that was received: a number"));
            }
        }

        return problems.Count > 0 ? Problems.BadRequest(problems)
            : streams.TryOpen(kinds, only, after) is { } stream ? TypedResults.ServerSentEvents(stream.ReadAsync(cancellation))
            : TypedResults.Problem($"{EventStreams.Most} listen already, and no more may", statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<Results<Ok<IReadOnlyList<ExchangeStatus>>, ProblemHttpResult>> ListAsync(
        string device_id, DeviceDirectory directory, RecentExchanges exchanges, CancellationToken cancellation,
        [Description("How many at most, 1 to 1000.")] int limit = 100)
    {
        if (limit is < 1 or > MaxExchanges)
        {
            return Problems.BadRequest([ParameterProblem.Of("limit", $"must be 1 to {MaxExchanges}, not {limit}")]);
        }

        if (!DeviceId.TryParse(device_id, out var id))
        {
            return DeviceEndpoints.Unknown(device_id);
        }

        var recent = exchanges.Of(id);
        return recent.Count == 0 && await directory.FindAsync(id, cancellation) is null
            ? DeviceEndpoints.Unknown(device_id)
            : TypedResults.Ok<IReadOnlyList<ExchangeStatus>>([.. recent.Take(limit).Select(ExchangeStatus.Of)]);
    }
}
