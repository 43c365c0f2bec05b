using System.ComponentModel;
using Gateway.Access;
using Gateway.Devices;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Api;

/// <summary><c>/api/v1/devices/{device_id}/trace</c></summary>
internal static class DeviceTraceEndpoints
{
    private static readonly int MostSeconds = (int)DeviceTraces.Longest.TotalSeconds;

    public static void MapDeviceTraces(this IEndpointRouteBuilder api)
    {
        var trace = api.MapGroup("/devices/{device_id}/trace").WithTags("Devices");
        trace.MapGet("", Find).For(Role.Operator).ProducesProblem(404)
            .WithName("GetDeviceTrace").WithSummary("Until when a device's messages are logged with their bytes.");
        trace.MapPut("", Start).For(Role.Operator).ProducesProblem(400).ProducesProblem(409).ProducesProblem(422)
            .WithName("PutDeviceTrace").WithSummary("Logs a device's messages with their bytes, both ways, for a while. The device need not be known yet.");
        trace.MapDelete("", Stop).For(Role.Operator).ProducesProblem(404)
            .WithName("DeleteDeviceTrace").WithSummary("Logs them no longer.");
    }

    private static Results<Ok<DeviceTraceDocument>, ProblemHttpResult> Find(string device_id, DeviceTraces traces) =>
        DeviceId.TryParse(device_id, out var id) && traces.Until(id) is { } until
            ? TypedResults.Ok(new DeviceTraceDocument(device_id, until))
            : NotTraced(device_id);

    private static Results<Ok<DeviceTraceDocument>, ProblemHttpResult> Start(string device_id, DeviceTraceRequest body, DeviceTraces traces)
    {
        if (!DeviceId.TryParse(device_id, out var id))
        {
            return Problems.BadRequest($"device_id: {DeviceId.Problem(device_id)}");
        }

        if (body.Seconds < 1 || body.Seconds > MostSeconds)
        {
            return Problems.Unprocessable("seconds", $"must be 1 to {MostSeconds}, not {body.Seconds}");
        }

        return traces.Start(id, TimeSpan.FromSeconds(body.Seconds)) is { } until
            ? TypedResults.Ok(new DeviceTraceDocument(device_id, until))
            : Problems.Conflict($"{DeviceTraces.Most} devices are traced already, which is the most; wait, or end one with DELETE /api/v1/devices/{{device_id}}/trace");
    }

    private static Results<NoContent, ProblemHttpResult> Stop(string device_id, DeviceTraces traces) =>
        DeviceId.TryParse(device_id, out var id) && traces.Stop(id) ? TypedResults.NoContent() : NotTraced(device_id);

    private static ProblemHttpResult NotTraced(string deviceId) => Problems.NotFound($"device {deviceId} is not traced");
}

/// <summary>How long to trace a device.</summary>
internal sealed record DeviceTraceRequest
{
    [Description("For how long, 1 to 86400 seconds from now.")]
    public required int Seconds { get; init; }
}

/// <summary>A device that is traced.</summary>
/// <param name="DeviceId">The device.</param>
/// <param name="Until">When that ends by itself.</param>
internal sealed record DeviceTraceDocument(string DeviceId, DateTimeOffset Until);
