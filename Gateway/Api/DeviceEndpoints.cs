using System.ComponentModel;
using Gateway.Access;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Scripting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Api;

/// <summary><c>/api/v1/devices</c></summary>
internal static class DeviceEndpoints
{
    private const int DefaultPage = 100;
    private const int MaxPage = 1000;

    public static void MapDevices(this IEndpointRouteBuilder api)
    {
        var devices = api.MapGroup("/devices").WithTags("Devices");
        devices.MapGet("", ListAsync).For(Role.Viewer).ProducesProblem(400)
            .WithName("ListDevices").WithSummary("The devices in the order of their ids, a page at a time.");
        devices.MapPost("", CreateAsync).For(Role.Operator).ProducesProblem(400).ProducesProblem(409).ProducesProblem(422)
            .WithName("CreateDevice").WithSummary("Registers a device.");
        devices.MapGet("/{device_id}", FindAsync).For(Role.Viewer).ProducesProblem(404)
            .WithName("GetDevice").WithSummary("One device.");
        devices.MapPut("/{device_id}", ReplaceAsync).For(Role.Operator).RecordsBefore(BeforeChanges.DeviceAsync).ProducesProblem(400).ProducesProblem(422)
            .WithName("PutDevice").WithSummary("Registers a device, or replaces its configuration; approves one that is held.");
        devices.MapDelete("/{device_id}", DeleteAsync).For(Role.Operator).RecordsBefore(BeforeChanges.DeviceAsync).ProducesProblem(404)
            .WithName("DeleteDevice").WithSummary("Forgets a device. Its commands and its frames in the journal stay.");
        devices.MapGet("/{device_id}/explain", DeviceExplanation.GetAsync).For(Role.Viewer).ProducesProblem(404)
            .WithName("ExplainDevice").WithSummary("What a device has said lately, and why its commands have or have not gone out.");
        devices.MapGet("/{device_id}/commands", CommandEndpoints.ListOfDeviceAsync).For(Role.Viewer).ProducesProblem(400).ProducesProblem(404)
            .WithName("ListCommandsOfDevice").WithSummary("A device's commands, the newest first.");
    }

    private static async Task<Results<Ok<DevicePage>, ProblemHttpResult>> ListAsync(
        DeviceDirectory directory,
        CancellationToken cancellation,
        [Description("The last device_id of the page before.")] string? after = null,
        [Description("How many at most, 1 to 1000.")] int limit = DefaultPage,
        [Description("Only devices in this state: active or held.")] string? state = null)
    {
        DeviceState? wanted = null;
        if (state is not null)
        {
            if (!Enum.TryParse<DeviceState>(state, ignoreCase: true, out var parsed) || !Enum.IsDefined(parsed))
            {
                return Problems.BadRequest($"there is no state \"{state}\": active and held are");
            }

            wanted = parsed;
        }

        if (limit is < 1 or > MaxPage)
        {
            return Problems.BadRequest($"limit must be 1 to {MaxPage}, not {limit}");
        }

        var behind = DeviceId.None;
        if (after is not null && !DeviceId.TryParse(after, out behind))
        {
            return Problems.BadRequest($"after: {DeviceId.Problem(after)}");
        }

        var page = await directory.ListAsync(behind, limit, wanted, cancellation);
        return TypedResults.Ok(new DevicePage([.. page.Select(DeviceDocument.Of)], page.Count == limit ? page[^1].Id.ToString() : null));
    }

    private static async Task<Results<Created<DeviceDocument>, ProblemHttpResult>> CreateAsync(DeviceDocument body, DeviceRegistrar registrar, CancellationToken cancellation)
    {
        var problems = await registrar.ProblemsAsync(body, cancellation);
        if (problems.Count > 0)
        {
            return Problems.Unprocessable(problems);
        }

        var created = await registrar.SaveAsync(body, onlyNew: true, cancellation);
        return created is null
            ? Problems.Conflict($"device {body.DeviceId} is registered already; PUT /api/v1/devices/{body.DeviceId} changes it")
            : TypedResults.Created($"/api/v1/devices/{created.Id}", DeviceDocument.Of(created));
    }

    private static async Task<Results<Ok<DeviceDocument>, ProblemHttpResult>> FindAsync(string device_id, DeviceDirectory directory, CancellationToken cancellation) =>
        DeviceId.TryParse(device_id, out var id) && await directory.FindAsync(id, cancellation) is { } device
            ? TypedResults.Ok(DeviceDocument.Of(device))
            : Unknown(device_id);

    private static async Task<Results<Ok<DeviceDocument>, ProblemHttpResult>> ReplaceAsync(
        string device_id, DeviceDocument body, DeviceRegistrar registrar, CancellationToken cancellation)
    {
        if (body.DeviceId is not null && body.DeviceId != device_id)
        {
            return Problems.Unprocessable("device_id", $"the body is of device {body.DeviceId}, the path of {device_id}");
        }

        var document = body with { DeviceId = device_id };
        var problems = await registrar.ProblemsAsync(document, cancellation);
        return problems.Count > 0
            ? Problems.Unprocessable(problems)
            : TypedResults.Ok(DeviceDocument.Of((await registrar.SaveAsync(document, onlyNew: false, cancellation))!));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(string device_id, DeviceDirectory directory, CancellationToken cancellation) =>
        DeviceId.TryParse(device_id, out var id) && await directory.DeleteAsync(id, cancellation) ? TypedResults.NoContent() : Unknown(device_id);

    private static ProblemHttpResult Unknown(string deviceId) => Problems.NotFound($"device {deviceId} is not known");
}

/// <summary>A page of devices.</summary>
/// <param name="Items">The devices of this page.</param>
/// <param name="Next">What to give as <c>after</c> for the next page; null when this is the last one.</param>
internal sealed record DevicePage(IReadOnlyList<DeviceDocument> Items, string? Next);

/// <summary>Checks and saves devices that come over the API, and registers them at once, so that a script that does not work shows here.</summary>
internal sealed class DeviceRegistrar(DeviceDirectory directory, ProfileCatalog profiles, ScriptCatalog scripts, CommandRegistry registry)
{
    public async Task<IReadOnlyList<FieldProblem>> ProblemsAsync(DeviceDocument document, CancellationToken cancellation)
    {
        var problems = document.Problems(profiles).Select(problem => FieldProblem.Of(problem.Path, problem.Problem)).ToList();
        if (document.ParserScriptRef is { } reference && await scripts.GetAsync(reference, cancellation) is { Current: null } script)
        {
            problems.AddRange(script.Problems.Select(problem => FieldProblem.Of("parser_script_ref", problem.ToString())));
        }

        return problems;
    }

    /// <summary>Saves a document without problems; null when there is one already and only a new one is wanted.</summary>
    public async Task<Device?> SaveAsync(DeviceDocument document, bool onlyNew, CancellationToken cancellation)
    {
        var saved = await directory.EditAsync(
            DeviceId.Parse(document.DeviceId!),
            (present, now) => present is not null && onlyNew ? null : document.ToDevice(present?.CreatedAt ?? now, now, present?.Token),
            cancellation);
        if (saved is { State: DeviceState.Active })
        {
            await registry.RegisterDeviceAsync(saved, cancellation);
        }

        return saved;
    }
}
