using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace Gateway.Access;

/// <summary>Tells whoever is not let in why not: 401 when it is not known who asks, 403 when it is.</summary>
internal sealed class Doorkeeper(IProblemDetailsService problems, AccessMetrics metrics, ILogger<Doorkeeper> log) : IAuthorizationMiddlewareResultHandler
{
    public async Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
        {
            await next(context);
            return;
        }

        var (status, detail) = context.User.Actor() is { } actor ? (StatusCodes.Status403Forbidden, Forbidden(context, actor)) : (StatusCodes.Status401Unauthorized, await UnknownAsync(context));
        log.Refused(context.Request.Method, context.Request.Path, context.Origin(), detail);
        metrics.Refused(status is StatusCodes.Status403Forbidden ? "forbidden" : "unknown");
        context.Response.StatusCode = status;
        if (status is StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer realm=\"gateway\"";
        }

        await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = context, ProblemDetails = new ProblemDetails { Status = status, Detail = detail } });
    }

    // What it was is known already; asking again costs nothing.
    private static async Task<string> UnknownAsync(HttpContext context) =>
        (await context.AuthenticateAsync()).Failure?.Message
            ?? $"give a key, as \"Authorization: Bearer <key>\" or \"{ApiKeyHandler.Header}: <key>\"; \"gateway key add\" makes one";

    private static string Forbidden(HttpContext context, string actor)
    {
        var has = string.Join(", ", Roles.Of(context.User).Select(role => role.Name()));
        return context.GetEndpoint()?.Metadata.GetMetadata<EndpointRoles>() is { } wanted
            ? $"this takes the role {wanted}; {actor} has {(has.Length > 0 ? has : "none")}"
            : "this is for nobody";
    }
}
