using System.Collections.Immutable;
using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;

namespace Gateway.Access;

/// <summary>Who may call an endpoint. An endpoint that does not say so may be called by nobody.</summary>
/// <param name="Roles">Any of these will do, and <see cref="Role.Admin"/> always; none of them lets anybody in, known or not.</param>
internal sealed record EndpointRoles(ImmutableArray<Role> Roles)
{
    public bool IsForAnybody => Roles.IsEmpty;

    public bool Admits(ClaimsPrincipal somebody) => IsForAnybody || Access.Roles.Of(somebody).Any(Admits);

    // Whoever may do something may look, too.
    public bool Admits(Role role) => role is Role.Admin || Roles.Contains(role) || Roles.Contains(Role.Viewer);

    public override string ToString() => IsForAnybody ? "anybody" : string.Join(" or ", Roles.Select(role => role.Name()));
}

/// <summary>How an endpoint says who may call it: <c>devices.MapGet(...).For(Role.Viewer)</c>.</summary>
internal static class EndpointRoleConventions
{
    public static TBuilder For<TBuilder>(this TBuilder endpoint, params Role[] roles)
        where TBuilder : IEndpointConventionBuilder =>
        roles.Length == 0 ? throw new ArgumentException("an endpoint is for somebody", nameof(roles)) : endpoint.WithMetadata(new EndpointRoles([.. roles]));

    /// <summary>For what tells nothing of this gateway but that it is there.</summary>
    public static TBuilder ForAnybody<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new EndpointRoles([]));
}

/// <summary>Holds for every endpoint, so that one that was forgotten is closed.</summary>
internal sealed class DeclaredRole : AuthorizationHandler<DeclaredRole>, IAuthorizationRequirement
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, DeclaredRole requirement)
    {
        // That there is no such path, or not with this method or Content-Type, may be known to whoever may look.
        if (context.Resource is HttpContext http && (http.GetEndpoint() is RouteEndpoint endpoint
            ? endpoint.Metadata.GetMetadata<EndpointRoles>()?.Admits(context.User) is true
            : Roles.Of(context.User).Any()))
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}
