using System.Text.Json;
using Gateway.Access;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Journal;
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
            BadHttpRequestException { InnerException: JsonException json } => new() { Status = StatusCodes.Status400BadRequest, Detail = JsonProblem.Explain(json) },
            BadHttpRequestException bad => new() { Status = bad.StatusCode, Detail = bad.Message },
            JournalUnavailableException => new() { Status = StatusCodes.Status503ServiceUnavailable, Detail = "the journal cannot be written now; nothing is known to have changed" },
            AccessUnavailableException => new() { Status = StatusCodes.Status503ServiceUnavailable, Detail = "the keys and the audit record cannot be written now; nothing was changed" },
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
}
