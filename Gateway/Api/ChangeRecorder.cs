using System.Text;
using System.Text.Json;
using Gateway.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Api;

/// <summary>
/// Puts every call that may change something into the audit record: who, what, what was there before, what is there now, and what came of it.
/// It stands around each endpoint of <c>/api/v1</c> that is no GET; an endpoint says with <see cref="Recording"/> what else it wants.
/// </summary>
internal static class ChangeRecorder
{
    private const int MaxJson = 16 * 1024;

    public static void RecordChanges(this RouteGroupBuilder api) => api.AddEndpointFilterFactory((factory, next) =>
    {
        var audit = factory.ApplicationServices.GetRequiredService<AuditLog>();
        return invocation => AroundAsync(audit, invocation, next);
    });

    private static async ValueTask<object?> AroundAsync(AuditLog audit, EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        var recording = context.GetEndpoint()?.Metadata.GetMetadata<Recording>() ?? Recording.Usual;
        if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) || !recording.IsChange)
        {
            return await next(invocation);
        }

        // Who can't be recorded may not change anything; whether that is still so, this tells.
        if (audit.Error is not null && await TryAsync(audit, context, RecordOf(context) with { Result = AuditResult.Attempted }) is { } problem)
        {
            return TypedResults.Problem($"the audit record can't be written now, so nothing was changed: {problem}", statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        var before = recording.Before is { } look ? await look(context) : null;
        var record = RecordOf(context) with { Before = Json(before) };
        try
        {
            var result = await next(invocation);
            record = Finished(record, result);
            return result;
        }
        catch (Exception e)
        {
            record = record with { Result = AuditResult.Failed, Detail = e.Message };
            throw;
        }
        finally
        {
            await TryAsync(audit, context, record);
        }
    }

    public static AuditRecord RecordOf(HttpContext context) => new()
    {
        At = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow(),
        Actor = context.User.Actor() ?? "",
        Origin = context.Origin(),
        Action = context.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? context.Request.Method,
        Target = context.Request.Path,
        Result = AuditResult.Failed,
    };

    private static AuditRecord Finished(AuditRecord record, object? result)
    {
        var told = result is INestedHttpResult nested ? nested.Result : result as IResult;
        var status = (told as IStatusCodeHttpResult)?.StatusCode;
        return record with
        {
            Status = status,
            Result = status switch { >= 500 => AuditResult.Failed, >= 400 => AuditResult.Refused, _ => AuditResult.Done },
            Detail = (told as ProblemHttpResult)?.ProblemDetails.Detail,
            After = told is ProblemHttpResult ? null : Json((told as IValueHttpResult)?.Value),
        };
    }

    // What can't be recorded any more, because it is done, is at least in the log.
    private static async ValueTask<string?> TryAsync(AuditLog audit, HttpContext context, AuditRecord record)
    {
        try
        {
            await audit.AppendAsync(record);
            return null;
        }
        catch (AccessUnavailableException e)
        {
            context.RequestServices.GetRequiredService<ILogger<AuditLog>>().AuditUnwritten(e.Message, record.ToString());
            return e.Message;
        }
    }

    private static string? Json(object? value)
    {
        if (value is null)
        {
            return null;
        }

        var json = JsonSerializer.Serialize(value, value.GetType(), ManagementApi.Json);
        var bytes = Encoding.UTF8.GetByteCount(json);
        return bytes <= MaxJson
            ? json
            : JsonSerializer.Serialize(new { Truncated = true, Bytes = bytes, Start = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(json).AsSpan(0, MaxJson)) }, ManagementApi.Json);
    }
}

/// <summary>What an endpoint that is no GET wants of the audit record.</summary>
/// <param name="IsChange">Whether its calls are put there.</param>
/// <param name="Before">What is there before, as the API shows it.</param>
internal sealed record Recording(bool IsChange, Func<HttpContext, ValueTask<object?>>? Before = null)
{
    public static Recording Usual { get; } = new(true);
}

/// <summary>How an endpoint says it: <c>devices.MapPut(...).RecordsBefore(...)</c>.</summary>
internal static class RecordingConventions
{
    /// <summary>It looks at something, although it is no GET.</summary>
    public static RouteHandlerBuilder ChangesNothing(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new Recording(false));

    /// <summary>It writes into the audit record itself.</summary>
    public static RouteHandlerBuilder RecordsItself(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new Recording(false));

    /// <summary>What the record holds as <c>before</c>; null for nothing.</summary>
    public static RouteHandlerBuilder RecordsBefore(this RouteHandlerBuilder endpoint, Func<HttpContext, ValueTask<object?>> before) =>
        endpoint.WithMetadata(new Recording(true, before));
}
