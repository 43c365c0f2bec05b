using System.ComponentModel;
using Gateway.Access;
using Gateway.Scripting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Gateway.Api;

/// <summary><c>/api/v1/scripts/{name}/source</c>: the text of a script.</summary>
internal static class SourceEndpoints
{
    private const string Plain = "text/plain";

    public static void MapSources(this IEndpointRouteBuilder scripts)
    {
        scripts.MapGet("/{name}/source", FindAsync).For(Role.Viewer).Produces<string>(200, Plain).ProducesProblem(404)
            .WithName("GetScriptSource").WithSummary("The text of a script's file, or of one of its versions. Its ETag is what If-Match asks for.");
        scripts.MapPut("/{name}/source", UploadAsync).For(Role.Integrator).RecordsBefore(BeforeChanges.ScriptAsync).Accepts<string>(Plain)
            .ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422).ProducesProblem(428)
            .WithName("PutScriptSource")
            .WithSummary("Writes a script's file, where gateway.json allows it (scripts.allow_upload). A text that does not compile or fails its vectors is refused, and the file stays.");
    }

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> FindAsync(
        string name, HttpContext context, ScriptCatalog catalog, ScriptFolder folder, CancellationToken cancellation,
        [Description("A version that is live, was so before, or is the candidate; when missing, the file as it is.")] string? version = null)
    {
        var script = await catalog.PeekAsync(name, cancellation);
        if (!ScriptEndpoints.IsThere(script))
        {
            return ScriptEndpoints.NoVersion(script);
        }

        var state = script.State;
        var sources = state.Past.Select(past => past.Source).Prepend(state.Live?.Source).Append(state.Candidate?.Source).OfType<ScriptSource>();
        if ((version ?? state.FileVersion) is not { } wanted)
        {
            return Problems.NotFound($"{folder.Display(name)} is not there any more; version={state.Live?.Script.Version} is the text that serves");
        }

        var text = sources.FirstOrDefault(source => source.Version == wanted)?.Text ?? (version is null ? folder.Read(name) : null);
        if (text is null)
        {
            return Problems.NotFound($"script {name} has no version {version}; GET /api/v1/scripts/{name} lists those that can be had");
        }

        Preconditions.Tell(context, Preconditions.TagOf(wanted));
        return TypedResults.Text(text, Plain + "; charset=utf-8");
    }

    private static async Task<Results<Ok<ScriptStatus>, Created<ScriptStatus>, ProblemHttpResult>> UploadAsync(
        string name, HttpContext context, ScriptCatalog catalog, ScriptFolder folder, ScriptSettings settings, ScriptTrials trials, CancellationToken cancellation,
        [FromHeader(Name = "If-Match")] string? ifMatch = null, [FromHeader(Name = "If-None-Match")] string? ifNoneMatch = null)
    {
        if (!settings.AllowUpload)
        {
            return Problems.Forbidden(
                $"this gateway takes no scripts over the management API: put it into the scripts folder as {name}, or set scripts.allow_upload in gateway.json");
        }

        if (folder.CheckReference(name) is { } reference)
        {
            return Problems.NotFound(reference.Message);
        }

        using var reader = new StreamReader(context.Request.Body);
        var text = await reader.ReadToEndAsync(cancellation);
        var build = await trials.BuildAsync(name, text, null, runVectors: true, cancellation);
        if (build.Script is not { } built)
        {
            return ScriptEndpoints.Refused(build.Problems);
        }

        // The catalog builds its own.
        trials.LetGo(built);
        var present = (await catalog.PeekAsync(name, cancellation)).State.FileVersion;
        if (Preconditions.Check(context.Request, present is null ? null : Preconditions.TagOf(present), required: true, $"script {name}") is { } refusal)
        {
            return refusal;
        }

        if (folder.Write(name, text) is { } problem)
        {
            return Problems.Conflict(problem);
        }

        var script = await catalog.RefreshAsync(name, cancellation);
        Preconditions.Tell(context, Preconditions.TagOf(script.State.FileVersion ?? built.Version));
        return present is null ? TypedResults.Created($"/api/v1/scripts/{name}/source", ScriptStatus.Of(script)) : TypedResults.Ok(ScriptStatus.Of(script));
    }
}
