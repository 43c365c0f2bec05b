using System.Globalization;
using System.Text.Json;
using Gateway.Devices;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace Gateway.Api;

/// <summary>Turns what the framework throws at a request into problem details: what is wrong with the body, where, and nothing of our insides.</summary>
internal sealed class BadRequests(IProblemDetailsService problems) : IExceptionHandler
{
    public ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellation)
    {
        ProblemDetails? problem = exception switch
        {
            BadHttpRequestException { InnerException: JsonException json } => new() { Status = StatusCodes.Status400BadRequest, Detail = Explain(json) },
            BadHttpRequestException bad => new() { Status = bad.StatusCode, Detail = bad.Message },
            StoreUnavailableException => new() { Status = StatusCodes.Status503ServiceUnavailable, Detail = "the store cannot be written now; nothing was changed" },
            _ => null,
        };
        if (problem is null)
        {
            return ValueTask.FromResult(false);
        }

        context.Response.StatusCode = problem.Status!.Value;
        return problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = context, ProblemDetails = problem });
    }

    // The serializer's own words name .NET types, which tell the caller nothing.
    private static string Explain(JsonException json)
    {
        var place = string.Create(CultureInfo.InvariantCulture, $"{json.Path ?? "$"}, line {(json.LineNumber ?? 0) + 1}, byte {(json.BytePositionInLine ?? 0) + 1}");
        var what = json.Message switch
        {
            var text when text.Contains("could not be mapped", StringComparison.Ordinal) => "this member is not known",
            var text when text.Contains("could not be converted", StringComparison.Ordinal) => "the value has another type or form than is expected here",
            var text when text.Contains("Duplicate", StringComparison.OrdinalIgnoreCase) => "this member stands there twice",
            var text => text.Split(" Path:", 2)[0].TrimEnd('.'),
        };
        return $"the body cannot be read at {place}: {what}";
    }
}
