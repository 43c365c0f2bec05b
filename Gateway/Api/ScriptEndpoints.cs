using System.Text.Json;
using Gateway.Scripting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Api;

/// <summary><c>/api/v1/scripts</c></summary>
internal static class ScriptEndpoints
{
    public static void MapScripts(this IEndpointRouteBuilder api)
    {
        var scripts = api.MapGroup("/scripts").WithTags("Scripts");
        scripts.MapGet("/{name}/commands", ListCommandsAsync).ProducesProblem(404).ProducesProblem(409)
            .WithName("ListScriptCommands")
            .WithSummary("The commands that a script says it knows, with a JSON schema of each one's payload.");
    }

    private static async Task<Results<Ok<IReadOnlyList<ScriptCommand>>, ProblemHttpResult>> ListCommandsAsync(
        string name, ScriptCatalog catalog, CancellationToken cancellation)
    {
        var script = await catalog.GetAsync(name, cancellation);
        return script.Current is { } current
            ? TypedResults.Ok<IReadOnlyList<ScriptCommand>>([.. current.Commands.Commands.Select(ScriptCommand.Of)])
            : NoVersion(script);
    }

    private static ProblemHttpResult NoVersion(CatalogScript script) =>
        script.Problems is [{ Code: ScriptProblemCode.BadReference or ScriptProblemCode.Unreadable }, ..]
            ? Problems.NotFound($"script {script.Ref} is not there: {script.Problems[0].Message}")
            : Problems.Conflict($"script {script.Ref} has no working version: {string.Join("; ", script.Problems)}");
}

/// <summary>A command that a script knows.</summary>
/// <param name="CommandType">What stands in a command as command_type.</param>
/// <param name="Description">What it does.</param>
/// <param name="Schema">What its payload must be: a JSON schema, draft 2020-12. Missing when the script checks it alone.</param>
/// <param name="Example">A payload that fits.</param>
internal sealed record ScriptCommand(string CommandType, string? Description = null, JsonElement? Schema = null, JsonElement? Example = null)
{
    public static ScriptCommand Of(CatalogCommand command) => new(command.Type, command.Description, command.Schema, command.Example);
}
