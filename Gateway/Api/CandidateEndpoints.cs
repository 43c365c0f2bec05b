using Gateway.Access;
using Gateway.Scripting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Api;

/// <summary><c>/api/v1/scripts/{name}/candidate</c>: the version that is tried beside the live one.</summary>
internal static class CandidateEndpoints
{
    public static void MapCandidates(this IEndpointRouteBuilder scripts)
    {
        scripts.MapGet("/{name}/candidate", FindAsync).For(Role.Viewer).ProducesProblem(404)
            .WithName("GetScriptCandidate").WithSummary("How the candidate does on the frames of the live version.");
        scripts.MapPut("/{name}/candidate", UploadAsync).For(Role.Integrator).RecordsBefore(BeforeChanges.ScriptAsync).Accepts<string>("text/plain").ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422)
            .WithName("PutScriptCandidate").WithSummary("Puts a candidate beside a script, where gateway.json allows it (scripts.allow_upload).");
        scripts.MapDelete("/{name}/candidate", DeleteAsync).For(Role.Integrator).RecordsBefore(BeforeChanges.ScriptAsync).ProducesProblem(404).ProducesProblem(409)
            .WithName("DeleteScriptCandidate").WithSummary("Takes the candidate away.");
        scripts.MapPost("/{name}/candidate/promote", PromoteAsync).For(Role.Integrator).RecordsBefore(BeforeChanges.ScriptAsync).ProducesProblem(404).ProducesProblem(409)
            .WithName("PromoteScriptCandidate").WithSummary("Makes the candidate live: its file takes the place of the script's.");
    }

    private static async Task<Results<Ok<CandidateStatus>, ProblemHttpResult>> FindAsync(string name, ScriptCatalog catalog, CancellationToken cancellation) =>
        await catalog.PeekAsync(name, cancellation) is { State.Candidate: { } candidate } ? TypedResults.Ok(CandidateStatus.Of(candidate)) : None(name);

    private static async Task<Results<Ok<CandidateStatus>, ProblemHttpResult>> UploadAsync(
        string name, HttpRequest request, ScriptCatalog catalog, ScriptFolder folder, ScriptSettings settings, CancellationToken cancellation)
    {
        if (!settings.AllowUpload)
        {
            return TypedResults.Problem(
                "this gateway takes no scripts over the management API: put the candidate into the scripts folder as "
                    + $"{ScriptCandidate.FileOf(name)}, or set scripts.allow_upload in gateway.json",
                statusCode: StatusCodes.Status403Forbidden);
        }

        var script = await catalog.PeekAsync(name, cancellation);
        if (!ScriptEndpoints.IsThere(script))
        {
            return ScriptEndpoints.NoVersion(script);
        }

        using var reader = new StreamReader(request.Body);
        if (folder.WriteCandidate(name, await reader.ReadToEndAsync(cancellation)) is { } problem)
        {
            return Problems.Conflict(problem);
        }

        await catalog.RefreshAsync(name, cancellation);
        return script.State.Candidate switch
        {
            null => None(name),
            { Problems.Count: > 0 } refused => ScriptEndpoints.Refused(refused.Problems),
            { } candidate => TypedResults.Ok(CandidateStatus.Of(candidate)),
        };
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(string name, ScriptCatalog catalog, ScriptFolder folder, CancellationToken cancellation)
    {
        if (await catalog.PeekAsync(name, cancellation) is not { State.Candidate: not null })
        {
            return None(name);
        }

        var problem = folder.DeleteCandidate(name);
        await catalog.RefreshAsync(name, cancellation);
        return problem is null ? TypedResults.NoContent() : Problems.Conflict(problem);
    }

    private static async Task<Results<Ok<ScriptStatus>, ProblemHttpResult>> PromoteAsync(string name, ScriptCatalog catalog, CancellationToken cancellation)
    {
        if (await catalog.PeekAsync(name, cancellation) is not { State.Candidate: not null } script)
        {
            return None(name);
        }

        return await catalog.PromoteAsync(name, cancellation) is { } problem ? Problems.Conflict($"script {name}: {problem}") : TypedResults.Ok(ScriptStatus.Of(script));
    }

    private static ProblemHttpResult None(string name) =>
        Problems.NotFound($"script {name} has no candidate: put one into the scripts folder as {ScriptCandidate.FileOf(name)}");
}
