using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Access;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Journal;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace Gateway.Api;

/// <summary>Turns what the framework throws at a request into problem details: what is wrong, where, and nothing of our insides.</summary>
internal sealed partial class BadRequests(IProblemDetailsService problems) : IExceptionHandler
{
    public ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellation)
    {
        ProblemDetails? problem = exception switch
        {
            BadHttpRequestException { InnerException: JsonException json } => BadBody(json),
            BadHttpRequestException bad => BadParameter(bad) ?? new() { Status = bad.StatusCode, Detail = bad.Message },
            JournalUnavailableException => new() { Status = StatusCodes.Status503ServiceUnavailable, Detail = "the journal cannot be written now; nothing is known to have changed" },
            AccessUnavailableException => new() { Status = StatusCodes.Status503ServiceUnavailable, Detail = "the keys and the audit record cannot be written now; nothing was changed" },
            StoreUnavailableException => new() { Status = StatusCodes.Status503ServiceUnavailable, Detail = "the store cannot be used now; nothing was changed" },
            _ => null,
        };
        if (problem is null)
        {
            return ValueTask.FromResult(false);
        }

        context.Response.StatusCode = problem.Status!.Value;
        return problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = context, ProblemDetails = problem });
    }

    /// <summary>The JSON pointer of the serializer's path: <c>#/labels/0</c> of <c>$.labels[0]</c>.</summary>
    public static string PointerOf(string? path) => "#" + PathPart().Replace(path ?? "", match =>
        "/" + (match.Groups["name"] is { Success: true } name ? name.Value : match.Groups["index"].Value).Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal))
        .TrimStart('$');

    private static ProblemDetails BadBody(JsonException json)
    {
        var detail = JsonProblem.Explain(json);
        return new() { Status = StatusCodes.Status400BadRequest, Detail = detail, Extensions = { ["errors"] = new[] { new FieldProblem(detail, PointerOf(json.Path)) } } };
    }

    // The framework names .NET types, which tell a caller nothing.
    private static ProblemDetails? BadParameter(BadHttpRequestException bad)
    {
        if (Unbound().Match(bad.Message) is { Success: true } unbound)
        {
            var problem = ParameterProblem.Of(NameOf(unbound), $"\"{Shortened(unbound.Groups["value"].Value)}\" is not {WordsFor(unbound.Groups["type"].Value)}");
            return Of(problem);
        }

        return Missing().Match(bad.Message) is { Success: true } missing && missing.Groups["source"].Value is not "body"
            ? Of(ParameterProblem.Of(NameOf(missing), "is missing"))
            : null;

        static ProblemDetails Of(ParameterProblem problem) => new()
        {
            Status = StatusCodes.Status400BadRequest,
            Detail = $"{problem.Parameter}: {problem.Detail}",
            Extensions = { ["errors"] = new[] { problem } },
        };
    }

    // It may be that of a member of ours, which callers know in another form.
    private static string NameOf(Match match) => JsonNamingPolicy.SnakeCaseLower.ConvertName(match.Groups["name"].Value);

    private static string Shortened(string value) => value.Length > 40 ? value[..40] + "…" : value;

    private static string WordsFor(string type) => type switch
    {
        _ when type.Contains("DateTimeOffset", StringComparison.Ordinal) => "a time such as 2026-01-02T03:04:05Z",
        _ when type.Contains("bool", StringComparison.OrdinalIgnoreCase) => "true or false",
        _ when type.Contains("int", StringComparison.OrdinalIgnoreCase) || type.Contains("long", StringComparison.OrdinalIgnoreCase) => "a whole number that fits",
        _ when type.Contains("double", StringComparison.OrdinalIgnoreCase) => "a number",
        _ => "what is expected here",
    };

    [GeneratedRegex("""^Failed to bind parameter "(?<type>.+) (?<name>[^" ]+)" from "(?<value>.*)"\.$""", RegexOptions.Singleline)]
    private static partial Regex Unbound();

    [GeneratedRegex("""^Required parameter "(?<type>.+) (?<name>[^" ]+)" was not provided from (?<source>.+)\.$""")]
    private static partial Regex Missing();

    [GeneratedRegex(@"\.(?<name>[^.\[\]]+)|\['(?<name>(?:[^'\\]|\\.)*)'\]|\[(?<index>\d+)\]")]
    private static partial Regex PathPart();
}
