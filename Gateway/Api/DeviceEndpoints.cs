using System.ComponentModel;
using Gateway.Access;
using Gateway.Devices;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Gateway.Api;

/// <summary><c>/api/v1/devices</c></summary>
internal static class DeviceEndpoints
{
    private const int DefaultPage = 100;
    private const int MaxPage = 1000;
    private const int MaxBody = 64 * 1024;

    public static void MapDevices(this IEndpointRouteBuilder api)
    {
        var devices = api.MapGroup("/devices").WithTags("Devices").WithBodyLimit(MaxBody);
        devices.MapGet("", ListAsync).For(Role.Viewer).ProducesProblem(400)
            .WithName("ListDevices").WithSummary("The devices in the order of their ids, a page at a time.");
        devices.MapPost("", CreateAsync).For(Role.Operator).ProducesProblem(400).ProducesProblem(409).ProducesProblem(422)
            .WithName("CreateDevice").WithSummary("Registers a device.");
        devices.MapGet("/{device_id}", FindAsync).For(Role.Viewer).ProducesProblem(404)
            .WithName("GetDevice").WithSummary("One device. Its ETag is what If-Match asks for.");
        devices.MapPut("/{device_id}", ReplaceAsync).For(Role.Operator).RecordsBefore(BeforeChanges.DeviceAsync).ProducesProblem(400).ProducesProblem(412).ProducesProblem(422).ProducesProblem(428)
            .WithName("PutDevice").WithSummary("Registers a device, or replaces the configuration of the one that If-Match names.");
        devices.MapPatch("/{device_id}", PatchAsync).For(Role.Operator).RecordsBefore(BeforeChanges.DeviceAsync).Accepts<DeviceDocument>(MergePatch.MediaType)
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(412).ProducesProblem(415).ProducesProblem(422)
            .WithName("PatchDevice").WithSummary("Changes members of a device's configuration (RFC 7396): null takes one away, what is missing stays.");
        devices.MapDelete("/{device_id}", DeleteAsync).For(Role.Operator).RecordsBefore(BeforeChanges.DeviceAsync).ProducesProblem(404).ProducesProblem(412)
            .WithName("DeleteDevice").WithSummary("Forgets a device. Its commands and its frames in the journal stay.");
        devices.MapGet("/{device_id}/explain", DeviceExplanation.GetAsync).For(Role.Viewer).ProducesProblem(404)
            .WithName("ExplainDevice").WithSummary("What a device has said lately, and why its commands have or have not gone out.");
        devices.MapGet("/{device_id}/commands", CommandEndpoints.ListOfDeviceAsync).For(Role.Viewer).ProducesProblem(400).ProducesProblem(404)
            .WithName("ListCommandsOfDevice").WithSummary("A device's commands, the newest first.");
        devices.MapHeldDevices();
    }

    public static ProblemHttpResult Unknown(string deviceId) => Problems.NotFound($"device {deviceId} is not known");

    /// <summary>A device, with its tag in the header.</summary>
    public static Ok<DeviceDocument> Tell(HttpContext context, Device device)
    {
        Preconditions.Tell(context, Preconditions.TagOf(device));
        return TypedResults.Ok(DeviceDocument.Of(device));
    }

    private static async Task<Results<Ok<DevicePage>, ProblemHttpResult>> ListAsync(
        [AsParameters] DeviceFilter filter,
        DeviceDirectory directory,
        CancellationToken cancellation,
        [Description("What the page before gave as next.")] string? after = null,
        [Description("How many at most, 1 to 1000. There may be fewer although more follow.")] int limit = DefaultPage)
    {
        var query = filter.ToQuery(out var problems);
        if (limit is < 1 or > MaxPage)
        {
            problems.Add(ParameterProblem.Of("limit", $"must be 1 to {MaxPage}, not {limit}"));
        }

        var behind = DeviceId.None;
        if (after is not null && !DeviceId.TryParse(after, out behind))
        {
            problems.Add(ParameterProblem.Of("after", DeviceId.Problem(after)));
        }

        if (problems.Count > 0)
        {
            return Problems.BadRequest(problems);
        }

        var page = await directory.ListAsync(query with { After = behind, Limit = limit }, cancellation);
        DeviceDocument[] items = [.. page.Devices.Select(DeviceDocument.Of)];
        return TypedResults.Ok(new DevicePage(items, page.Next.IsNone ? null : page.Next.ToString()));
    }

    private static async Task<Results<Created<DeviceDocument>, ProblemHttpResult>> CreateAsync(
        DeviceDocument body, HttpContext context, DeviceRegistrar registrar, CancellationToken cancellation)
    {
        var problems = await registrar.ProblemsAsync(body, cancellation);
        if (problems.Count > 0)
        {
            return Problems.Unprocessable(problems);
        }

        if (await registrar.SaveAsync(body, present => present is not null, cancellation) is not { } created)
        {
            return Problems.Conflict($"device {body.DeviceId} is registered already; PUT /api/v1/devices/{body.DeviceId} changes it");
        }

        Preconditions.Tell(context, Preconditions.TagOf(created));
        return TypedResults.Created($"/api/v1/devices/{created.Id}", DeviceDocument.Of(created));
    }

    private static async Task<Results<Ok<DeviceDocument>, ProblemHttpResult>> FindAsync(
        string device_id, HttpContext context, DeviceDirectory directory, CancellationToken cancellation) =>
        DeviceId.TryParse(device_id, out var id) && await directory.DescribeAsync(id, cancellation) is { } device ? Tell(context, device) : Unknown(device_id);

    private static async Task<Results<Ok<DeviceDocument>, ProblemHttpResult>> ReplaceAsync(
        string device_id,
        DeviceDocument body,
        HttpContext context,
        DeviceRegistrar registrar,
        CancellationToken cancellation,
        [FromHeader(Name = "If-Match")] string? ifMatch = null,
        [FromHeader(Name = "If-None-Match")] string? ifNoneMatch = null)
    {
        if (body.DeviceId is not null && body.DeviceId != device_id)
        {
            return Problems.Unprocessable("device_id", $"the body is of device {body.DeviceId}, the path of {device_id}");
        }

        var document = body with { DeviceId = device_id };
        var problems = await registrar.ProblemsAsync(document, cancellation);
        if (problems.Count > 0)
        {
            return Problems.Unprocessable(problems);
        }

        ProblemHttpResult? refusal = null;
        var saved = await registrar.SaveAsync(document, present => (refusal = Refusal(context.Request, device_id, present, required: true)) is not null, cancellation);
        return refusal is null ? Tell(context, saved!) : refusal;
    }

    private static async Task<Results<Ok<DeviceDocument>, ProblemHttpResult>> PatchAsync(
        string device_id, HttpContext context, DeviceDirectory directory, DeviceRegistrar registrar, CancellationToken cancellation,
        [FromHeader(Name = "If-Match")] string? ifMatch = null)
    {
        if (!MergePatch.IsIt(context.Request))
        {
            return Problems.WrongMediaType($"a change of some members is a merge patch (RFC 7396): say so with Content-Type: {MergePatch.MediaType}");
        }

        var patch = await MergePatch.ReadAsync(context.Request, cancellation);
        if (!DeviceId.TryParse(device_id, out var id) || await directory.FindAsync(id, cancellation) is not { } found)
        {
            return Unknown(device_id);
        }

        // Scripts are looked at before, for that may take its time; what is saved is made of the device as it is then.
        if (patch.Apply(DeviceDocument.Of(found)) is { DeviceId: { } name } && name != device_id)
        {
            return Problems.Unprocessable("device_id", "a device keeps its id");
        }

        var problems = await registrar.ProblemsAsync(patch.Apply(DeviceDocument.Of(found)), cancellation);
        if (problems.Count > 0)
        {
            return Problems.Unprocessable(problems);
        }

        ProblemHttpResult? refusal = null;
        var saved = await registrar.EditAsync(
            id,
            (present, now) => (refusal = present is null ? Unknown(device_id) : Refusal(context.Request, device_id, present, required: false)) is null
                ? patch.Apply(DeviceDocument.Of(present!)).ToDevice(present!.CreatedAt, now, present.Token)
                : null,
            cancellation);
        return refusal is null ? Tell(context, saved!) : refusal;
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string device_id, HttpContext context, DeviceDirectory directory, CancellationToken cancellation, [FromHeader(Name = "If-Match")] string? ifMatch = null)
    {
        if (!DeviceId.TryParse(device_id, out var id))
        {
            return Unknown(device_id);
        }

        ProblemHttpResult? refusal = null;
        var deleted = await directory.DeleteAsync(id, present => (refusal = Refusal(context.Request, device_id, present, required: false)) is null, cancellation);
        return refusal is not null ? refusal : deleted ? TypedResults.NoContent() : Unknown(device_id);
    }

    private static ProblemHttpResult? Refusal(HttpRequest request, string deviceId, Device? present, bool required) =>
        Preconditions.Check(request, present is null ? null : Preconditions.TagOf(present), required, $"device {deviceId}");
}

/// <summary>A page of devices.</summary>
/// <param name="Items">The devices of this page; maybe none, although there are more.</param>
/// <param name="Next">What to give as <c>after</c> for the next page; null when this is the last one.</param>
internal sealed record DevicePage(IReadOnlyList<DeviceDocument> Items, string? Next);
