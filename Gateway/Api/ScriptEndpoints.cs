using Gateway.Access;
using Gateway.Scripting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Api;

/// <summary><c>/api/v1/scripts</c></summary>
internal static class ScriptEndpoints
{
    // A script's longest text, with vectors, as JSON.
    private const int MaxBody = 4 * 1024 * 1024;

    public static void MapScripts(this IEndpointRouteBuilder api)
    {
        var scripts = api.MapGroup("/scripts").WithTags("Scripts").WithBodyLimit(MaxBody);
        scripts.MapGet("", ListAsync).For(Role.Viewer)
            .WithName("ListScripts").WithSummary("The scripts of the folder, and those that serve although they are not there any more.");
        scripts.MapGet("/{name}", FindAsync).For(Role.Viewer).ProducesProblem(404)
            .WithName("GetScript").WithSummary("One script: what is live, what is wrong with its file, how it does, and which versions can be gone back to.");
        scripts.MapGet("/{name}/commands", ListCommandsAsync).For(Role.Viewer).ProducesProblem(404).ProducesProblem(409)
            .WithName("ListScriptCommands")
            .WithSummary("The commands that a script says it knows, with a JSON schema of each one's payload.");
        scripts.MapPost("/{name}/rollback", RollBackAsync).For(Role.Integrator).RecordsBefore(BeforeChanges.ScriptAsync).ProducesProblem(404).ProducesProblem(409)
            .WithName("RollBackScript").WithSummary("Makes the version before the present one live, until the file is edited. The next call goes back further.");
        scripts.MapPost("/{name}/versions/{version}/activate", ActivateAsync).For(Role.Integrator).RecordsBefore(BeforeChanges.ScriptAsync).ProducesProblem(404).ProducesProblem(409)
            .WithName("ActivateScriptVersion").WithSummary("Makes a version live that was so before, until the file is edited.");
        scripts.MapCandidates();
        scripts.MapSources();
        scripts.MapTrials();
    }

    /// <summary>A text that can't go live, with what is wrong with it.</summary>
    public static ProblemHttpResult Refused(IReadOnlyList<ScriptProblem> problems) => TypedResults.Problem(
        string.Join("; ", problems), statusCode: StatusCodes.Status422UnprocessableEntity, extensions: [new("problems", problems.Select(ScriptFinding.Of))]);

    /// <summary>What is known of a script; a problem when there is no such script.</summary>
    public static async Task<Results<Ok<ScriptStatus>, ProblemHttpResult>> FindAsync(string name, ScriptCatalog catalog, CancellationToken cancellation) =>
        await catalog.PeekAsync(name, cancellation) is var script && IsThere(script) ? TypedResults.Ok(ScriptStatus.Of(script)) : NoVersion(script);

    /// <summary>Whether a script has a file, or serves without one.</summary>
    public static bool IsThere(CatalogScript script) =>
        script.Current is not null || script.Problems is not [{ Code: ScriptProblemCode.BadReference or ScriptProblemCode.Unreadable }, ..];

    /// <summary>Why a script can't be called.</summary>
    public static ProblemHttpResult NoVersion(CatalogScript script) => IsThere(script)
        ? Problems.Conflict($"script {script.Ref} has no working version: {string.Join("; ", script.Problems)}")
        : Problems.NotFound($"script {script.Ref} is not there: {script.Problems[0].Message}");

    private static async Task<Ok<IReadOnlyList<ScriptStatus>>> ListAsync(ScriptCatalog catalog, CancellationToken cancellation)
    {
        var scripts = new List<ScriptStatus>();
        foreach (var name in catalog.Names)
        {
            scripts.Add(ScriptStatus.Of(await catalog.PeekAsync(name, cancellation)));
        }

        return TypedResults.Ok<IReadOnlyList<ScriptStatus>>(scripts);
    }

    private static async Task<Results<Ok<IReadOnlyList<ScriptCommand>>, ProblemHttpResult>> ListCommandsAsync(
        string name, ScriptCatalog catalog, CancellationToken cancellation)
    {
        var script = await catalog.PeekAsync(name, cancellation);
        return script.Current is { } current
            ? TypedResults.Ok<IReadOnlyList<ScriptCommand>>([.. current.Commands.Commands.Select(ScriptCommand.Of)])
            : NoVersion(script);
    }

    private static Task<Results<Ok<ScriptStatus>, ProblemHttpResult>> RollBackAsync(string name, ScriptCatalog catalog, CancellationToken cancellation) =>
        ChangeAsync(name, catalog, () => catalog.ActivateAsync(name, null, "it was rolled back over the management API", cancellation), cancellation);

    private static Task<Results<Ok<ScriptStatus>, ProblemHttpResult>> ActivateAsync(string name, string version, ScriptCatalog catalog, CancellationToken cancellation) =>
        ChangeAsync(name, catalog, () => catalog.ActivateAsync(name, version, "another version was activated over the management API", cancellation), cancellation);

    private static async Task<Results<Ok<ScriptStatus>, ProblemHttpResult>> ChangeAsync(
        string name, ScriptCatalog catalog, Func<Task<string?>> change, CancellationToken cancellation)
    {
        var script = await catalog.PeekAsync(name, cancellation);
        return !IsThere(script) ? NoVersion(script)
            : await change() is { } problem ? Problems.Conflict($"script {name}: {problem}")
            : TypedResults.Ok(ScriptStatus.Of(script));
    }
}
