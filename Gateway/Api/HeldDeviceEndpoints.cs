using System.ComponentModel;
using Gateway.Access;
using Gateway.Devices;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Api;

/// <summary>What an admin decides about devices that spoke without being known. <c>GET /api/v1/devices?state=held</c> lists them.</summary>
internal static class HeldDeviceEndpoints
{
    public static void MapHeldDevices(this IEndpointRouteBuilder devices)
    {
        devices.MapPost("/{device_id}/approve", ApproveAsync).For(Role.Operator).RecordsBefore(BeforeChanges.DeviceAsync).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422)
            .WithName("ApproveDevice").WithSummary("Lets a held or rejected device in. What it sent while it was held is read then.");
        devices.MapPost("/{device_id}/reject", RejectAsync).For(Role.Operator).RecordsBefore(BeforeChanges.DeviceAsync).ProducesProblem(404)
            .WithName("RejectDevice").WithSummary("Lets a device not in: it is answered 4.03, and nothing of it is kept, until it is approved or deleted.");
    }

    private static async Task<Results<Ok<DeviceDocument>, ProblemHttpResult>> ApproveAsync(
        string device_id, ApprovalDocument? body, HttpContext context, DeviceDirectory directory, DeviceRegistrar registrar, CancellationToken cancellation)
    {
        if (!DeviceId.TryParse(device_id, out var id) || await directory.FindAsync(id, cancellation) is not { } found)
        {
            return DeviceEndpoints.Unknown(device_id);
        }

        var approval = body ?? new ApprovalDocument();
        var problems = await registrar.ProblemsAsync(DeviceDocument.Of(approval.LetIn(found, found.UpdatedAt)), cancellation);
        if (problems.Count > 0)
        {
            return Problems.Unprocessable(problems);
        }

        ProblemHttpResult? refusal = null;
        var saved = await registrar.EditAsync(
            id,
            (present, now) =>
            {
                refusal = present switch
                {
                    null => DeviceEndpoints.Unknown(device_id),
                    { State: DeviceState.Active } => Problems.Conflict($"device {device_id} is active already; PUT or PATCH /api/v1/devices/{device_id} changes it"),
                    _ => null,
                };
                return refusal is null ? approval.LetIn(present!, now) : null;
            },
            cancellation);
        return refusal is null ? DeviceEndpoints.Tell(context, saved!) : refusal;
    }

    private static async Task<Results<Ok<DeviceDocument>, ProblemHttpResult>> RejectAsync(
        string device_id, HttpContext context, DeviceRegistrar registrar, CancellationToken cancellation) =>
        DeviceId.TryParse(device_id, out var id)
        && await registrar.EditAsync(id, (present, now) => present is null ? null : present with { State = DeviceState.Rejected, UpdatedAt = now }, cancellation) is { } saved
            ? DeviceEndpoints.Tell(context, saved)
            : DeviceEndpoints.Unknown(device_id);
}

/// <summary>How a device is let in. What is missing stays as it is.</summary>
internal sealed record ApprovalDocument
{
    [Description("One of the profiles of gateway.json; when missing, that of the route which the device spoke on.")]
    public string? Profile { get; init; }

    [Description("The script that understands the device; when missing, the profile's.")]
    public string? ParserScriptRef { get; init; }

    [Description("Labels that every reading of the device gets.")]
    public IReadOnlyList<string>? Labels { get; init; }

    [Description("Metadata that every reading of the device gets.")]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    public Device LetIn(Device device, DateTimeOffset now) => device with
    {
        State = DeviceState.Active,
        Profile = Profile ?? device.Profile,
        ParserScriptRef = ParserScriptRef ?? device.ParserScriptRef,
        Labels = Labels ?? device.Labels,
        Metadata = Metadata ?? device.Metadata,
        UpdatedAt = now,
    };
}
