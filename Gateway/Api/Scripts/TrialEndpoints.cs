using Gateway.Access;
using Gateway.Scripting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Api;

/// <summary>Trying scripts: <c>/api/v1/scripts/{name}/validate</c> and <c>/dry-run</c>.</summary>
internal static class TrialEndpoints
{
    public static void MapTrials(this IEndpointRouteBuilder scripts)
    {
        scripts.MapPost("/{name}/validate", ValidateAsync).For(Role.Integrator).ChangesNothing().ProducesProblem(400).ProducesProblem(404).ProducesProblem(422)
            .WithName("ValidateScript").WithSummary("Compiles a text as if it stood in the script's file, and tells what is wrong with it. Nothing goes live.");
        scripts.MapPost("/{name}/dry-run", DryRunAsync).For(Role.Integrator).ChangesNothing().ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422)
            .WithName("DryRunScript").WithSummary("Lets the live version, or a text, read a payload or encode a command, without consequences.");
    }

    private static async Task<Results<Ok<ValidationResult>, ProblemHttpResult>> ValidateAsync(
        string name, DraftDocument body, ScriptTrials trials, ScriptFolder folder, ScriptSettings settings, CancellationToken cancellation)
    {
        if (folder.CheckReference(name) is { } reference)
        {
            return Problems.NotFound(reference.Message);
        }

        if (body.Source is null)
        {
            return Problems.Unprocessable("source", "the script's text is missing");
        }

        var build = await trials.BuildAsync(name, body.Source, body.Vectors, settings.AllowUpload, cancellation);
        var result = new ValidationResult(
            build.Succeeded,
            build.Script?.Version,
            [.. build.Problems.Select(ScriptFinding.Of)],
            settings.AllowUpload,
            [.. (build.Script?.Commands.Commands ?? []).Select(ScriptCommand.Of)]);
        if (build.Script is { } script)
        {
            trials.LetGo(script);
        }

        return TypedResults.Ok(result);
    }

    private static async Task<Results<Ok<DryRunResult>, ProblemHttpResult>> DryRunAsync(
        string name, DryRunDocument body, ScriptTrials trials, ScriptCatalog catalog, ScriptFolder folder, ScriptSettings settings, TimeProvider time, CancellationToken cancellation)
    {
        if (body.Problems(time.GetUtcNow()).ToArray() is { Length: > 0 } problems)
        {
            return Problems.Unprocessable(problems);
        }

        if (body.Source is null)
        {
            return await catalog.PeekAsync(name, cancellation) is { Current: { } live } ? await RunAsync(live) : ScriptEndpoints.NoVersion(await catalog.PeekAsync(name, cancellation));
        }

        if (!settings.AllowUpload)
        {
            return Problems.Forbidden("this gateway runs no scripts that come over the management API: set scripts.allow_upload in gateway.json, or leave source out to try the live version");
        }

        if (folder.CheckReference(name) is { } reference)
        {
            return Problems.NotFound(reference.Message);
        }

        var build = await trials.BuildAsync(name, body.Source, null, runVectors: false, cancellation);
        if (build.Script is not { } script)
        {
            return ScriptEndpoints.Refused(build.Problems);
        }

        try
        {
            return await RunAsync(script);
        }
        finally
        {
            trials.LetGo(script);
        }

        async Task<Ok<DryRunResult>> RunAsync(CompiledScript script) =>
            TypedResults.Ok(body.Command is null ? await trials.ParseAsync(script, body, cancellation) : await trials.FormatAsync(script, body, cancellation));
    }
}
